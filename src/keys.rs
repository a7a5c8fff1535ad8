//! stub
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject { Number(u64), Text(String) }
#[derive(Clone, Debug)]
pub struct Claims { pub subject: Subject, pub name: Option<String>, pub nickname: Option<String>, pub email: Option<String>, pub role: Option<String>, pub expires_s: Option<u64> }
#[derive(Debug)]
pub enum TokenError { Expired, Invalid(&'static str) }
pub struct Keys;
impl Keys { pub fn open(_: &crate::config::KeySource) -> Result<Keys, String> { Ok(Keys) }
 pub fn verify(&self, token: &str, _now_s: u64) -> Result<Claims, TokenError> { let mut p = token.split(':'); Ok(Claims{subject: Subject::Number(p.next().and_then(|n| n.parse().ok()).ok_or(TokenError::Invalid("x"))?), name: p.next().map(Into::into), nickname: None, email: None, role: None, expires_s: None}) }
 pub fn sign(&self, _: &Claims, _now_s: u64, _ttl: u64) -> Result<String, String> { Err("stub".into()) } }
