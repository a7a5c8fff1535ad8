//! Keys: they verify the JSON Web Tokens that sockets and requests carry, and sign those that
//! logins hand out.
//!
//! Stricter than a token library's defaults where a chat needs it (expired is expired), and laxer
//! where issuers are (`sub` may be a number): so the header is checked here, the signature by the
//! key's own kind, and the claims are read by `claims`.

mod claims;
mod secret;
mod signature;

use std::path::Path;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jwt_simple::prelude::*;
use sha2::Sha256;

use crate::config::KeySource;
use crate::limits::{PUBLIC_KEY_FILE_BYTES_MAX, TOKEN_BYTES_MAX};
pub use claims::{Claims, Subject, TokenError};
use signature::PublicKey;

/// What tokens are verified with, and signed where it is a secret.
pub struct Keys {
    // No `Debug`: there is a secret in it.
    key: Key,
}

enum Key {
    /// What signs; and what verifies, with the key hashed once and by the processor's own
    /// instructions, where it has them: a storm of reconnects is mostly this. Boxed: it is large.
    Secret(HS256Key, Box<Hmac<Sha256>>),
    Public(PublicKey),
}

impl Key {
    fn secret(secret: &str) -> Result<Key, String> {
        let key = secret::key(secret)?;
        let mac = Hmac::new_from_slice(secret.as_bytes()).expect("a key of any length will do");
        Ok(Key::Secret(key, Box::new(mac)))
    }
}

/// `{"alg":"HS256","typ":"JWT"}`, the header that nearly all issuers write: it need not be read to
/// know what it says.
const PLAIN_HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// The part of a token's header that matters. Others are ignored; none may stand there twice.
#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

impl Keys {
    /// Opens the keys; makes a secret in the data directory where there is none yet.
    ///
    /// # Errors
    /// A sentence that says which file is at fault and what to do.
    pub fn open(source: &KeySource) -> Result<Keys, String> {
        let key = match source {
            KeySource::Secret(secret) => Key::secret(secret)?,
            KeySource::DataDirectory(directory) => Key::secret(&secret::in_directory(directory)?)?,
            KeySource::PublicKeyFile(path) => Key::Public(public_key(path)?),
        };
        Ok(Keys { key })
    }

    /// Whom a token speaks for, at `now_s` seconds since 1970.
    ///
    /// Of a token with a good signature, `exp` is held to the second, and `nbf` and `iat` may lie
    /// [`CLOCK_TOLERANCE_S`](crate::limits::CLOCK_TOLERANCE_S) ahead. A header or claim that is
    /// read here and stands there twice makes the token invalid.
    ///
    /// # Errors
    /// See [`TokenError`]. A token is [`TokenError::Expired`] only if its signature is good.
    pub fn verify(&self, token: &str, now_s: u64) -> Result<Claims, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Invalid("the token is too long"));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Invalid("a token has three parts"));
        };
        self.check_header(header)?;
        let signed = &token[..header.len() + 1 + payload.len()];
        if !self.is_signature(signed.as_bytes(), &decode(signature)?) {
            return Err(TokenError::Invalid("the signature is wrong"));
        }
        let claims = claims::read(&decode(payload)?)?;
        claims.at(now_s)
    }

    /// Signs a token that ends `ttl_s` seconds after `now_s`, whatever `claims.expires_s` says.
    ///
    /// # Errors
    /// A sentence, where there is only a public key.
    pub fn sign(&self, claims: &Claims, now_s: u64, ttl_s: u64) -> Result<String, String> {
        let Key::Secret(key, _) = &self.key else {
            return Err("tokens are verified here with a public key, and only whoever holds its \
                        private key can sign them: ask the issuer for one, or give --jwt-secret \
                        instead of --jwt-public-key"
                .into());
        };
        let claims = claims::to_be_signed(claims, now_s, ttl_s);
        key.authenticate(claims).map_err(|error| format!("the token cannot be signed: {error}"))
    }

    /// Refuses whatever is not signed the one way that this key is for: `none`, above all, and a
    /// public key that is used as if it were a secret.
    fn check_header(&self, header: &str) -> Result<(), TokenError> {
        if header == PLAIN_HEADER && matches!(self.key, Key::Secret(..)) {
            return Ok(());
        }
        let header: Header = claims::object(&decode(header)?)
            .ok_or(TokenError::Invalid("the header is not what a token's is"))?;
        let is_known = match &self.key {
            Key::Secret(..) => header.alg == "HS256",
            Key::Public(key) => key.is_for(&header.alg),
        };
        if !is_known {
            return Err(TokenError::Invalid("the token is signed in another way"));
        }
        if header.crit.is_some() {
            return Err(TokenError::Invalid("the token asks for an unknown extension"));
        }
        let typ = header.typ.map(|typ| typ.to_ascii_uppercase());
        if typ.is_some_and(|typ| typ != "JWT" && !typ.ends_with("+JWT")) {
            return Err(TokenError::Invalid("the token is not a JWT"));
        }
        Ok(())
    }

    fn is_signature(&self, signed: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Key::Secret(_, mac) => {
                let mac = Hmac::clone(mac).chain_update(signed);
                // In constant time: how much of a guess is right must not show.
                mac.verify_slice(signature).is_ok()
            }
            Key::Public(key) => key.is_signature(signed, signature),
        }
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|_| TokenError::Invalid("a part of the token is not base64url"))
}

fn public_key(path: &Path) -> Result<PublicKey, String> {
    let shown = path.display();
    let unreadable = |error| format!("the public key {shown} cannot be read: {error}");
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > PUBLIC_KEY_FILE_BYTES_MAX {
        return Err(format!("the public key {shown} has {bytes} bytes, which no key has"));
    }
    let pem = std::fs::read_to_string(path).map_err(unreadable)?;
    PublicKey::parse(&pem).map_err(|expected| format!("the public key {shown} must be {expected}"))
}

#[cfg(test)]
mod tests;
