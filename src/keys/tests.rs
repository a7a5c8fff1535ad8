//! Tests with real keys of every kind: good tokens, odd ones, forged ones.

use jwt_simple::prelude::*;
use jwt_simple::reexports::ct_codecs::{Base64UrlSafeNoPadding, Encoder};
use serde_json::json;

use super::{Claims, Keys, Subject, TokenError};
use crate::config::KeySource;

const SECRET: &str = "a secret for tests";
const NOW_S: u64 = 1_700_000_000;

fn keys() -> Keys {
    Keys::open(&KeySource::Secret(SECRET.into())).unwrap()
}

fn with_public_key(pem: &str) -> Result<Keys, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key.pem");
    std::fs::write(&path, pem).unwrap();
    Keys::open(&KeySource::PublicKeyFile(path))
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlSafeNoPadding::encode_to_string(bytes).unwrap()
}

/// A token of that very header and payload, signed with the tests' secret.
fn token_of(header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", base64(header), base64(payload));
    let tag = HS256Key::from_bytes(SECRET.as_bytes()).authentication_tag(signed.as_bytes());
    format!("{signed}.{}", base64(tag))
}

fn verify(payload: &serde_json::Value) -> Result<Claims, TokenError> {
    keys().verify(&token_of(r#"{"alg":"HS256","typ":"JWT"}"#, &payload.to_string()), NOW_S)
}

fn is_invalid(result: &Result<Claims, TokenError>) -> bool {
    matches!(result, Err(TokenError::Invalid(_)))
}

fn claims() -> Claims {
    Claims {
        subject: Subject::Number(1),
        name: Some("user_1".into()),
        nickname: Some("nick".into()),
        email: Some("one@example.com".into()),
        role: Some("student".into()),
        expires_s: Some(NOW_S + 60),
    }
}

#[test]
fn what_is_signed_is_what_is_verified() {
    let keys = keys();
    let token = keys.sign(&claims(), NOW_S, 60).unwrap();
    assert_eq!(keys.verify(&token, NOW_S), Ok(claims()));
    let text = Claims { subject: Subject::Text("auth0|7".into()), ..claims() };
    let token = keys.sign(&text, NOW_S, 60).unwrap();
    assert_eq!(keys.verify(&token, NOW_S), Ok(text));
}

#[test]
fn an_expired_token_is_refused_to_the_second() {
    let keys = keys();
    let token = keys.sign(&claims(), NOW_S, 60).unwrap();
    assert!(keys.verify(&token, NOW_S + 59).is_ok());
    assert_eq!(keys.verify(&token, NOW_S + 60), Err(TokenError::Expired));
    assert_eq!(verify(&json!({"id": 1, "exp": -1})), Err(TokenError::Expired));
    assert_eq!(verify(&json!({"id": 1, "exp": 1_699_999_999.9})), Err(TokenError::Expired));
    assert_eq!(verify(&json!({"id": 1})).unwrap().expires_s, None);
    assert!(is_invalid(&verify(&json!({"id": 1, "exp": "never"}))));
}

#[test]
fn not_before_is_held_but_for_a_little_difference_of_clocks() {
    assert!(verify(&json!({"id": 1, "nbf": NOW_S + 5})).is_ok());
    assert!(is_invalid(&verify(&json!({"id": 1, "nbf": NOW_S + 6}))));
}

#[test]
fn nobody_issues_tokens_in_the_future() {
    assert!(verify(&json!({"id": 1, "iat": NOW_S + 5})).is_ok());
    assert!(is_invalid(&verify(&json!({"id": 1, "iat": NOW_S + 6}))));
    assert!(is_invalid(&verify(&json!({"id": 1, "iat": NOW_S + 6, "nbf": NOW_S}))));
    assert!(is_invalid(&verify(&json!({"id": 1, "iat": "now"}))));
}

#[test]
fn the_subject_is_id_or_sub_a_number_or_a_string() {
    let subject = |payload| verify(&payload).map(|claims| claims.subject);
    assert_eq!(subject(json!({"id": 7, "sub": "other"})), Ok(Subject::Number(7)));
    assert_eq!(subject(json!({"sub": 7})), Ok(Subject::Number(7)));
    assert_eq!(subject(json!({"sub": "7"})), Ok(Subject::Number(7)));
    assert_eq!(subject(json!({"id": null, "sub": "7"})), Ok(Subject::Number(7)));
    for text in ["007", "0", "+7", "108204268033311374519", "auth0|7", " 7"] {
        assert_eq!(subject(json!({"sub": text})), Ok(Subject::Text(text.into())), "{text}");
    }
    for wrong in [json!(0), json!(-1), json!(1.5), json!(""), json!(true), json!([1])] {
        assert!(is_invalid(&verify(&json!({"id": wrong}))), "{wrong}");
    }
    assert!(is_invalid(&verify(&json!({"id": 9_007_199_254_740_992_u64}))));
    assert!(is_invalid(&verify(&json!({"name": "nobody"}))));
}

#[test]
fn names_come_from_several_claims_and_odd_ones_are_ignored() {
    let claims = verify(&json!({"id": 1, "username": "u", "role": ["a"], "email": 5})).unwrap();
    assert_eq!((claims.name.as_deref(), claims.role, claims.email), (Some("u"), None, None));
    let claims = verify(&json!({"id": 1, "name": "n", "username": "u", "nickname": " "})).unwrap();
    assert_eq!((claims.name.as_deref(), claims.nickname), (Some("n"), None));
    assert!(is_invalid(&verify(&json!({"id": 1, "name": "n".repeat(2_000)}))));
}

#[test]
fn a_claim_that_stands_twice_is_refused() {
    for payload in [r#"{"id":1,"id":2}"#, r#"{"id":1,"exp":1,"exp":9999999999}"#] {
        assert!(is_invalid(&keys().verify(&token_of(r#"{"alg":"HS256"}"#, payload), NOW_S)));
    }
    let twice = token_of(r#"{"alg":"none","alg":"HS256"}"#, r#"{"id":1}"#);
    assert!(is_invalid(&keys().verify(&twice, NOW_S)));
}

#[test]
fn only_the_keys_own_way_of_signing_counts() {
    let payload = r#"{"id":1}"#;
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"None"}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"RS256"}"#,
        r#"{"alg":"HS256","crit":["exp"]}"#,
        r#"{"alg":"HS256","typ":"JWE"}"#,
        r#"["HS256","JWT",null]"#,
        r"{}",
        "HS256",
    ] {
        assert!(is_invalid(&keys().verify(&token_of(header, payload), NOW_S)), "{header}");
    }
    assert!(keys().verify(&token_of(r#"{"alg":"HS256","typ":"at+jwt"}"#, payload), NOW_S).is_ok());
}

#[test]
fn a_forged_or_broken_token_is_refused() {
    let keys = keys();
    let token = keys.sign(&claims(), NOW_S, 60).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let header = signed.split_once('.').unwrap().0;
    let forged = base64(r#"{"id":2,"exp":9999999999}"#);
    for broken in [
        String::new(),
        ".".into(),
        "..".into(),
        "not a token".into(),
        signed.into(),
        format!("{signed}."),
        format!("{token}."),
        format!("{token}=="),
        format!("{header}.{forged}.{signature}"),
        format!("{signed}.{}", base64([0; 32])),
        format!("{signed}.{}", &signature[..20]),
    ] {
        assert!(is_invalid(&keys.verify(&broken, NOW_S)), "{broken}");
    }
    let expired_and_forged = format!("{signed}.{}", base64([0; 32]));
    assert!(is_invalid(&keys.verify(&expired_and_forged, NOW_S + 1_000)));
    let other = Keys::open(&KeySource::Secret("another long secret".into())).unwrap();
    assert!(is_invalid(&other.verify(&token, NOW_S)));
}

#[test]
fn a_token_has_a_longest_length() {
    let padded = |pad: usize| {
        let payload = format!(r#"{{"id":1,"pad":"{}"}}"#, "x".repeat(pad));
        token_of(r#"{"alg":"HS256"}"#, &payload)
    };
    let (short, long) = (padded(6_000), padded(6_100));
    assert!(short.len() <= 8_192 && long.len() > 8_192, "{} {}", short.len(), long.len());
    assert!(keys().verify(&short, NOW_S).is_ok());
    assert_eq!(keys().verify(&long, NOW_S), Err(TokenError::Invalid("the token is too long")));
}

#[test]
fn short_secrets_are_refused() {
    let told = Keys::open(&KeySource::Secret("short".into())).err().unwrap();
    assert!(told.contains("5 bytes") && told.contains("12 or more"), "{told}");
}

#[test]
fn a_public_key_is_refused_as_a_secret() {
    let pem = ES256KeyPair::generate().public_key().to_pem().unwrap();
    let told = Keys::open(&KeySource::Secret(pem)).err().unwrap();
    assert!(told.contains("--jwt-public-key"), "{told}");
}

/// What holds for the tokens of an issuer whose public key is all we have.
fn issued(alg: &str, sign: impl Fn(JWTClaims<Extra>) -> String, verifier: &Keys) {
    let extra = Extra { name: Some("user_9".into()), id: Some(9) };
    let claims = jwt_simple::prelude::Claims::with_custom_claims(extra, Duration::from_hours(1));
    let token = sign(claims);
    let now_s = Clock::now_since_epoch().as_secs();
    let verified = verifier.verify(&token, now_s).unwrap_or_else(|error| panic!("{alg}: {error}"));
    assert_eq!((verified.subject, verified.name.as_deref()), (Subject::Number(9), Some("user_9")));
    assert_eq!(verifier.verify(&token, now_s + 4_000), Err(TokenError::Expired), "{alg}");

    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let other = base64(r#"{"id":1,"exp":9999999999}"#);
    assert!(is_invalid(&verifier.verify(&format!("{header}.{other}.{signature}"), now_s)), "{alg}");
    assert!(is_invalid(&verifier.verify(&format!("{signed}.AAAA"), now_s)), "{alg}");
    let none = base64(r#"{"alg":"none"}"#);
    assert!(is_invalid(&verifier.verify(&format!("{none}.{payload}."), now_s)), "{alg}");

    let told = verifier.sign(&self::claims(), NOW_S, 60).unwrap_err();
    assert!(told.contains("public key") && told.contains("--jwt-secret"), "{told}");
}

#[derive(Clone, Serialize, Deserialize)]
struct Extra {
    name: Option<String>,
    id: Option<u64>,
}

#[test]
fn tokens_of_issuers_with_public_keys_are_verified() {
    let rsa = RS256KeyPair::generate(2048).unwrap();
    let pem = rsa.public_key().to_pem().unwrap();
    let verifier = with_public_key(&pem).unwrap();
    issued("RS256", |claims| rsa.sign(claims).unwrap(), &verifier);
    let p256 = ES256KeyPair::generate();
    let verifier = with_public_key(&p256.public_key().to_pem().unwrap()).unwrap();
    issued("ES256", |claims| p256.sign(claims).unwrap(), &verifier);
    let ed = Ed25519KeyPair::generate();
    let verifier = with_public_key(&ed.public_key().to_pem()).unwrap();
    issued("EdDSA", |claims| ed.sign(claims).unwrap(), &verifier);
}

#[test]
fn a_public_key_is_not_a_secret() {
    let pem = ES256KeyPair::generate().public_key().to_pem().unwrap();
    let verifier = with_public_key(&pem).unwrap();
    let confused = HS256Key::from_bytes(pem.as_bytes());
    let claims = jwt_simple::prelude::Claims::create(Duration::from_hours(1)).with_subject("1");
    let token = confused.authenticate(claims).unwrap();
    assert!(is_invalid(&verifier.verify(&token, Clock::now_since_epoch().as_secs())));
}

#[test]
fn a_numeric_sub_is_read_behind_a_public_keys_signature_as_well() {
    let pair = ed25519_compact::KeyPair::generate();
    let verifier = with_public_key(&pair.pk.to_pem()).unwrap();
    let signed = format!("{}.{}", base64(r#"{"alg":"EdDSA"}"#), base64(r#"{"sub":42}"#));
    let token = format!("{signed}.{}", base64(*pair.sk.sign(&signed, None)));
    assert_eq!(verifier.verify(&token, NOW_S).unwrap().subject, Subject::Number(42));
}

#[test]
fn a_file_that_is_no_public_key_is_told_so() {
    let pair = ES256KeyPair::generate();
    let told = with_public_key(&pair.to_pem().unwrap()).err().unwrap();
    assert!(told.contains("key.pem must be the public half"), "{told}");
    let told = with_public_key("hello").err().unwrap();
    assert!(told.contains("key.pem must be a PEM file"), "{told}");
    let missing = KeySource::PublicKeyFile("/nowhere/key.pem".into());
    assert!(Keys::open(&missing).err().unwrap().contains("/nowhere/key.pem cannot be read"));
}
