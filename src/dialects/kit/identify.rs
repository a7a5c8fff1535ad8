//! From a token to the account it speaks for.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::dialects::Knock;
use crate::hub::Hub;
use crate::hub::clock;
use crate::hub::event::Person;
use crate::hub::id::{ACCOUNTS, UserId};
use crate::hub::ports::{Account, AccountKey, Fault, NewAccount, Read, Write};
use crate::keys::{Claims, Keys, Subject, TokenError};

/// People whose accounts are remembered, so that a storm of reconnects does not ask the store.
const PEOPLE_MAX: usize = 50_000;

/// Somebody whose token was good.
pub struct Identified {
    /// Who it is.
    pub who: Arc<Person>,
    /// When the token ends, in ms since 1970.
    pub expires_ms: Option<u64>,
    /// The role that the token names.
    pub role: Option<String>,
}

/// Why nobody was identified.
#[derive(Debug)]
pub enum Unidentified {
    /// The token is not good.
    Token(TokenError),
    /// The token is good, its account does not exist, and none is made.
    NoAccount,
    /// The store failed.
    Fault(Fault),
}

/// Checks tokens and finds their accounts. Shared by the sockets and routes of a dialect.
pub struct Identifier {
    keys: Arc<Keys>,
    hub: Hub,
    makes_accounts: bool,
    known: RwLock<HashMap<Subject, Arc<Person>>>,
}

impl Identifier {
    /// `makes_accounts`: a token at first sight makes its account; else it must exist.
    #[must_use]
    pub fn new(keys: &Arc<Keys>, hub: &Hub, makes_accounts: bool) -> Identifier {
        Identifier {
            keys: Arc::clone(keys),
            hub: hub.clone(),
            makes_accounts,
            known: RwLock::default(),
        }
    }

    /// Who the token speaks for.
    ///
    /// # Errors
    /// See [`Unidentified`].
    pub async fn identify(&self, token: &str) -> Result<Identified, Unidentified> {
        let claims = self.verify(token).map_err(Unidentified::Token)?;
        self.recognize(&claims).await
    }

    /// Whom the token of a knock speaks for. It is verified once, however many ask.
    ///
    /// # Errors
    /// See [`Unidentified`].
    pub async fn identify_knock(
        &self,
        knock: &Knock<'_>,
        token: &str,
    ) -> Result<Identified, Unidentified> {
        match knock.findings.claims.get_or_init(|| self.verify(token)) {
            Ok(claims) => self.recognize(claims).await,
            Err(error) => Err(Unidentified::Token(*error)),
        }
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.keys.verify(token, clock::wall_ms() / 1_000)
    }

    async fn recognize(&self, claims: &Claims) -> Result<Identified, Unidentified> {
        let expires_ms = claims.expires_s.map(|seconds| seconds.saturating_mul(1_000));
        let role = claims.role.clone();
        if let Some(who) = self.remembered(claims) {
            return Ok(Identified { who, expires_ms, role });
        }
        let account = if self.makes_accounts {
            self.ensure(claims).await.map_err(Unidentified::Fault)?
        } else {
            self.find(claims).await.map_err(Unidentified::Fault)?.ok_or(Unidentified::NoAccount)?
        };
        let who = Arc::new(account.person);
        self.remember(claims.subject.clone(), &who);
        Ok(Identified { who, expires_ms, role })
    }

    /// Signs a token for an account.
    ///
    /// # Errors
    /// When the server holds only a public key.
    pub fn sign(&self, account: &Account, ttl_s: u64) -> Result<String, String> {
        let claims = Claims {
            subject: Subject::Number(account.person.id.0),
            name: Some(account.person.name.to_string()),
            nickname: account.person.nickname.as_deref().map(str::to_owned),
            email: account.email.clone(),
            role: account.role.clone(),
            expires_s: None,
        };
        self.keys.sign(&claims, clock::wall_ms() / 1_000, ttl_s)
    }

    async fn ensure(&self, claims: &Claims) -> Result<Account, Fault> {
        let (id, code) = match &claims.subject {
            Subject::Number(number) => (Some(UserId(*number)), None),
            Subject::Text(text) => (None, Some(Arc::from(text.as_str()))),
        };
        let known = self.find(claims).await?;
        let name = match (&claims.name, &known, id) {
            (Some(name), ..) => name.as_str().into(),
            (None, Some(account), _) => Arc::clone(&account.person.name),
            (None, None, Some(id)) => format!("user_{id}").into(),
            (None, None, None) => code.clone().unwrap_or_default(),
        };
        let nickname = claims.nickname.as_deref().map(Arc::from);
        if let Some(account) = known {
            let is_same_nickname = nickname.is_none() || nickname == account.person.nickname;
            if account.person.name == name && is_same_nickname {
                return Ok(account);
            }
        }
        let account = NewAccount {
            realm: ACCOUNTS,
            id,
            code,
            name,
            nickname,
            profile: None,
            login: None,
            email: None,
            password: None,
            role: claims.role.clone(),
        };
        self.hub.ports().write(|reply| Write::EnsureAccount(account, reply)).await
    }

    async fn find(&self, claims: &Claims) -> Result<Option<Account>, Fault> {
        let key = match &claims.subject {
            Subject::Number(number) => AccountKey::Id(UserId(*number)),
            Subject::Text(text) => AccountKey::Code(text.as_str().into()),
        };
        self.hub.ports().read(|reply| Read::Account(ACCOUNTS, key, reply)).await
    }

    /// Somebody who was here before under the same names.
    fn remembered(&self, claims: &Claims) -> Option<Arc<Person>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let who = known.get(&claims.subject)?;
        let same_name = claims.name.as_deref().is_none_or(|name| *who.name == *name);
        let same_nickname =
            claims.nickname.is_none() || claims.nickname.as_deref() == who.nickname.as_deref();
        (same_name && same_nickname).then(|| Arc::clone(who))
    }

    fn remember(&self, subject: Subject, who: &Arc<Person>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= PEOPLE_MAX {
            known.clear();
        }
        known.insert(subject, Arc::clone(who));
    }
}
