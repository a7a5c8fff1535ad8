//! UUIDs: those of users and chatrooms are random, those of messages spell the message's number.
//!
//! A message's number is below 2^53 and grows with time. Its upper bits are the UUID's first 48,
//! its lower 12 bits stand behind the version, and zeros follow: sorted by UUID, messages are
//! sorted by time. The version is 4 because that is what clients of this API check for.

use std::sync::Arc;

use crate::hub::id::MessageId;
use crate::hub::ports::Fault;

/// Version 4 and RFC 9562's variant, where a UUID has them.
const MARKS: u128 = 0x4000_8000_0000_0000_0000;
/// The bits that [`MARKS`] leaves to others.
const UNMARKED: u128 = !0xF000_C000_0000_0000_0000;
/// Where a message's number is split: so many bits go behind the version.
const LOW_BITS: u32 = 12;
const LOW: u128 = (1 << LOW_BITS) - 1;
/// Where the two parts of a message's number stand.
const HIGH_SHIFT: u32 = 80;
const LOW_SHIFT: u32 = 64;
/// Numbers of messages end here.
const NUMBERS_END: u64 = 1 << 53;
/// Where hyphens stand in the long spelling, and how long the two spellings are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const LONG_BYTES: usize = 36;
const SHORT_BYTES: usize = 32;

/// A new UUID.
///
/// # Errors
/// [`Fault::Store`] when the system has no random bytes.
pub(super) fn random() -> Result<Arc<str>, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Store(error.to_string()))?;
    Ok(spell(u128::from_be_bytes(bytes) & UNMARKED | MARKS).into())
}

/// The usual spelling of a UUID, which may be given in capitals or without hyphens.
pub(super) fn canonical(text: &str) -> Option<String> {
    bits(text).map(spell)
}

/// A message's UUID.
pub(super) fn of_message(message: MessageId) -> String {
    let number = u128::from(message.0);
    spell((number >> LOW_BITS) << HIGH_SHIFT | (number & LOW) << LOW_SHIFT | MARKS)
}

/// The message of a UUID, in its usual spelling; `None` where it can be no message's.
pub(super) fn message(canonical: &str) -> Option<MessageId> {
    let bits = bits(canonical)?;
    let number = (bits >> HIGH_SHIFT) << LOW_BITS | (bits >> LOW_SHIFT) & LOW;
    let number = u64::try_from(number).ok().filter(|number| *number < NUMBERS_END)?;
    let message = MessageId(number);
    (of_message(message) == canonical).then_some(message)
}

fn bits(text: &str) -> Option<u128> {
    let is_hyphen = |at: usize| text.len() == LONG_BYTES && HYPHENS.contains(&at);
    if ![LONG_BYTES, SHORT_BYTES].contains(&text.len()) {
        return None;
    }
    let mut bits = 0;
    for (at, byte) in text.bytes().enumerate() {
        match char::from(byte).to_digit(16) {
            Some(digit) if !is_hyphen(at) => bits = bits << 4 | u128::from(digit),
            None if byte == b'-' && is_hyphen(at) => {}
            _ => return None,
        }
    }
    Some(bits)
}

fn spell(bits: u128) -> String {
    let mut text = format!("{bits:032x}");
    HYPHENS.into_iter().for_each(|at| text.insert(at, '-'));
    text
}

#[cfg(test)]
mod tests {
    use super::{MessageId, NUMBERS_END, canonical, message, of_message, random};

    #[test]
    fn a_messages_uuid_spells_its_number() {
        assert_eq!(of_message(MessageId(0xABC_DEF)), "00000000-0abc-4def-8000-000000000000");
        let mut last = String::new();
        for number in [0, 1, 4095, 4096, 123_123_123, NUMBERS_END - 1] {
            let spelled = of_message(MessageId(number));
            assert_eq!(message(&spelled), Some(MessageId(number)), "{spelled}");
            assert!(spelled > last, "{spelled} after {last}");
            last = spelled;
        }
    }

    #[test]
    fn other_uuids_are_no_messages() {
        for other in [
            "00000000-0abc-4def-8000-000000000001",
            "00000000-0abc-7def-8000-000000000000",
            "00000000-0abc-4def-c000-000000000000",
            "ffffffff-ffff-4fff-8000-000000000000",
            "123",
        ] {
            assert_eq!(message(other), None, "{other}");
        }
    }

    #[test]
    fn new_ones_are_random_and_say_so() {
        let (one, other) = (random().unwrap(), random().unwrap());
        assert_ne!(one, other);
        for spelled in [one, other] {
            assert_eq!(canonical(&spelled).as_deref(), Some(&*spelled));
            assert_eq!(&spelled[14..15], "4");
            assert!("89ab".contains(&spelled[19..20]), "{spelled}");
        }
    }

    #[test]
    fn spellings_are_brought_to_the_usual_one() {
        let usual = "0f9a5b2c-1111-4abc-8def-0123456789ab";
        for spelled in [usual, &usual.to_uppercase(), &usual.replace('-', "")] {
            assert_eq!(canonical(spelled).as_deref(), Some(usual));
        }
        for wrong in
            ["", "u", &usual[1..], "+f9a5b2c11114abc8def0123456789ab", &usual.replace('-', "_")]
        {
            assert_eq!(canonical(wrong), None, "{wrong}");
        }
        assert_eq!(canonical(&usual.replace("-1111", "1-111")), None);
        assert_eq!(canonical(&"é".repeat(16)), None);
    }
}
