//! Public keys and the signatures they verify: RS256, ES256, EdDSA.
//!
//! The token library reads the PEM and knows which keys are too weak; the signature is then
//! checked over the bytes themselves, since the library would refuse claims that issuers use.

use jwt_simple::prelude::{
    ECDSAP256PublicKeyLike as _, ES256PublicKey, Ed25519PublicKey, EdDSAPublicKeyLike as _,
    RS256PublicKey, RSAPublicKeyLike as _,
};
use p256::ecdsa::signature::Verifier as _;
use superboring::hash::MessageDigest;
use superboring::pkey::PKey;
use superboring::rsa::Padding;
use superboring::sign::Verifier;

/// A public key, which fixes the one way in which tokens may be signed.
pub(super) enum PublicKey {
    /// Boxed: some 370 bytes.
    Rs256(Box<RS256PublicKey>),
    Es256(ES256PublicKey),
    EdDsa(Ed25519PublicKey),
}

impl PublicKey {
    /// Reads a PEM file's text.
    ///
    /// # Errors
    /// What it must be.
    pub(super) fn parse(pem: &str) -> Result<PublicKey, String> {
        if pem.contains("PRIVATE KEY") {
            return Err(
                "the public half of the key: the private one belongs to the issuer alone".into()
            );
        }
        let rs256 = || RS256PublicKey::from_pem(pem).map(Box::new).map(PublicKey::Rs256);
        let es256 = || ES256PublicKey::from_pem(pem).map(PublicKey::Es256);
        let ed_dsa = || Ed25519PublicKey::from_pem(pem).map(PublicKey::EdDsa);
        rs256().or_else(|_| es256()).or_else(|_| ed_dsa()).map_err(|_| {
            "a PEM file (-----BEGIN PUBLIC KEY-----) with a key for RS256 (RSA of 2048 bits or \
             more), ES256 (P-256) or EdDSA (Ed25519)"
                .into()
        })
    }

    /// Whether a token's `alg` is the one that this key is for.
    pub(super) fn is_for(&self, alg: &str) -> bool {
        match self {
            PublicKey::Rs256(_) => alg == "RS256",
            PublicKey::Es256(_) => alg == "ES256",
            PublicKey::EdDsa(_) => alg == "EdDSA" || alg == "Ed25519",
        }
    }

    /// Whether the signature is this key's owner's, over these bytes.
    pub(super) fn is_signature(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            PublicKey::Rs256(key) => is_rs256(key, signed, signature).unwrap_or(false),
            PublicKey::Es256(key) => {
                p256::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
                    key.public_key().as_ref().verify(signed, &signature).is_ok()
                })
            }
            PublicKey::EdDsa(key) => {
                ed25519_compact::Signature::from_slice(signature).is_ok_and(|signature| {
                    key.public_key().as_ref().verify(signed, &signature).is_ok()
                })
            }
        }
    }
}

fn is_rs256(
    key: &RS256PublicKey,
    signed: &[u8],
    signature: &[u8],
) -> Result<bool, superboring::error::ErrorStack> {
    let key = PKey::from_rsa(key.public_key().as_ref().clone())?;
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key)?;
    verifier.set_rsa_padding(Padding::PKCS1)?;
    verifier.update(signed)?;
    verifier.verify(signature)
}
