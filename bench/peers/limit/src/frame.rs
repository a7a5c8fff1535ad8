//! WebSocket frames and the few packets in them, as byte slices. Pure; `server` acts on them.

/// What a client says.
#[derive(Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// `40`: CONNECT.
    Connect,
    /// `42["join","room"]`.
    Join(&'a [u8]),
    /// `42["message",{"room":"...","body":...}]`, with the digits of an ack's id if it wants one.
    Message { room: &'a [u8], body: &'a [u8], id: &'a [u8] },
    /// `42<id>["message-with-ack",args]`.
    Echo { id: &'a [u8], args: &'a [u8] },
    /// Anything else.
    Nothing,
}

/// A client's frame, unmasked where it lies: opcode, payload, bytes taken. `None` if it is not all
/// there.
pub fn unmask(bytes: &mut [u8]) -> Option<(u8, &[u8], usize)> {
    let (&opcode, &length) = (bytes.first()?, bytes.get(1)?);
    let (head, length): (usize, usize) = match length & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
        short => (2, usize::from(short)),
    };
    let body = head + 4;
    let end = body.checked_add(length)?;
    let key: [u8; 4] = bytes.get(head..body)?.try_into().ok()?;
    let payload = bytes.get_mut(body..end)?;
    payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    Some((opcode & 0x0f, payload, end))
}

/// Appends a text frame of all `parts` together.
pub fn text(parts: &[&[u8]], out: &mut Vec<u8>) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.push(0x81);
    match u16::try_from(length) {
        Ok(length @ 0..126) => out.push(length as u8),
        Ok(length) => {
            out.push(126);
            out.extend(length.to_be_bytes());
        }
        Err(_) => {
            out.push(127);
            out.extend((length as u64).to_be_bytes());
        }
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

/// What a text frame says.
pub fn read(payload: &[u8]) -> Said<'_> {
    if payload.starts_with(b"40") {
        return Said::Connect;
    }
    event(payload).unwrap_or(Said::Nothing)
}

fn event(payload: &[u8]) -> Option<Said<'_>> {
    let rest = payload.strip_prefix(b"42")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (id, array) = rest.split_at(digits);
    if let Some(args) = array.strip_prefix(b"[\"message\",{\"room\":\"") {
        let room = until(args, b'"')?;
        let body = args[room.len()..].strip_prefix(b"\",\"body\":")?.strip_suffix(b"}]")?;
        return Some(Said::Message { room, body, id });
    }
    if let Some(args) = array.strip_prefix(b"[\"message-with-ack\",") {
        return Some(Said::Echo { id, args: args.strip_suffix(b"]")? });
    }
    Some(Said::Join(until(array.strip_prefix(b"[\"join\",\"")?, b'"')?))
}

fn until(bytes: &[u8], end: u8) -> Option<&[u8]> {
    Some(&bytes[..bytes.iter().position(|byte| *byte == end)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_unmasked_where_it_lies() {
        let mut bytes = vec![0x81, 0x85, 1, 2, 3, 4];
        bytes.extend(b"hello".iter().zip([1u8, 2, 3, 4, 1]).map(|(byte, key)| byte ^ key));
        assert_eq!(unmask(&mut bytes[..9].to_vec()), None);
        assert_eq!(unmask(&mut bytes), Some((1, &b"hello"[..], 11)));
    }

    #[test]
    fn what_is_said_is_understood() {
        let message = br#"427["message",{"room":"r_1","body":"hi"}]"#;
        let expected = Said::Message { room: b"r_1", body: b"\"hi\"", id: b"7" };
        assert_eq!(read(message), expected);
        assert_eq!(read(br#"42["join","r_1"]"#), Said::Join(b"r_1"));
        let echo = Said::Echo { id: b"12", args: b"{\"a\":1}" };
        assert_eq!(read(br#"4212["message-with-ack",{"a":1}]"#), echo);
        assert_eq!(read(b"40"), Said::Connect);
        assert_eq!(read(b"3"), Said::Nothing);
    }

    #[test]
    fn lengths_have_three_spellings() {
        for (size, head) in [(5, 2), (126, 4), (70_000, 10)] {
            let mut out = Vec::new();
            text(&[&vec![b'x'; size]], &mut out);
            assert_eq!(out.len(), size + head);
        }
    }
}
