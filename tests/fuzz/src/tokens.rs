//! Tokens: any string, and any header and claims under a good signature.

use jwt_simple::algorithms::MACLike;
use jwt_simple::reexports::ct_codecs::{Base64UrlSafeNoPadding as Base64, Encoder};
use polylogue::keys::{Claims, Subject};
use serde_json::Value;

use crate::stage::STAGE;

/// A moment, in seconds since 1970.
const NOW_S: u64 = 1_700_000_000;
const CLAIM_BYTES_MAX: usize = 1_024;
const HEADER: &[u8] = br#"{"alg":"HS256","typ":"JWT"}"#;

/// A token; then two lines: a header, or nothing for the usual one, and the claims.
pub(crate) fn token(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        // With a signature of ours in the middle of it nobody would have found the key.
        assert!(STAGE.keys.verify(text, NOW_S).is_err(), "nobody has signed {text}");
    }
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let (header, claims) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let header = if header.is_empty() { HEADER } else { header };
    let encode = |part: &[u8]| Base64::encode_to_string(part).expect("short enough");
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = encode(&STAGE.key.authentication_tag(signed.as_bytes()));
    if let Ok(read) = STAGE.keys.verify(&format!("{signed}.{signature}"), NOW_S) {
        check(&read);
        let header: Value = serde_json::from_slice(header).expect("a header is JSON");
        assert_eq!(header["alg"], "HS256", "no other way of signing is taken");
    }
}

fn check(claims: &Claims) {
    assert!(claims.expires_s.is_none_or(|end_s| end_s > NOW_S), "an expired token");
    match &claims.subject {
        Subject::Number(number) => assert!((1..1 << 53).contains(number)),
        Subject::Text(text) => assert!(!text.is_empty() && text.len() <= CLAIM_BYTES_MAX),
    }
    for text in [&claims.name, &claims.nickname, &claims.email, &claims.role] {
        assert!(text.as_ref().is_none_or(|text| text.len() <= CLAIM_BYTES_MAX), "a long claim");
    }
}
