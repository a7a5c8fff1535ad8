//! `polylogue demo`: people and rooms with which the walk-throughs of all documents work.
//! Doing it again changes nothing.

use super::{accounts, print};
use crate::config::{Invocation, Verb};
use crate::dialects::{self, Charter};
use crate::hub::id::{ACCOUNTS, UserId};
use crate::hub::ports::{
    Account, AccountChange, AccountKey, Fault, NewAccount, Ports, Read, Write,
};
use crate::passwords;

pub(super) const VERB: Verb = Verb {
    path: &["demo"],
    about: "Puts demonstration users, a room and a chat into the data",
    flags: &[],
    shows: Some(&["data", "dialect"]),
};

/// Everybody's password.
const PASSWORD: &str = "p@ssword";

/// Somebody to log in as.
struct Somebody {
    /// The id, where walk-throughs name one.
    id: Option<u64>,
    login: &'static str,
    email: Option<&'static str>,
    profile: Option<&'static str>,
}

/// Those whom walk-throughs name.
const PEOPLE: &[Somebody] = &[
    Somebody { id: Some(1), login: "user_1", email: None, profile: None },
    Somebody { id: Some(2), login: "user_2", email: None, profile: None },
    Somebody { id: Some(3), login: "user_3", email: None, profile: None },
    Somebody {
        id: None,
        login: "alice",
        email: Some("alice@example.com"),
        profile: Some(r#"{"first_name":"Alice","last_name":"Archer"}"#),
    },
    Somebody {
        id: None,
        login: "bob",
        email: Some("bob@example.com"),
        profile: Some(r#"{"first_name":"Bob","last_name":"Baker"}"#),
    },
];

/// Makes what is missing, and says who can log in.
pub(super) fn run(invocation: Invocation) -> Result<(), String> {
    let config = invocation.config;
    let is_mounted = |charter: &&&Charter| config.dialects.contains(&charter.name);
    let charters: Vec<&Charter> = dialects::ALL.iter().filter(is_mounted).copied().collect();
    accounts::with_ports(&config, async |ports| {
        fill(ports, &charters).await.map_err(|fault| format!("no demonstration: {fault}"))
    })?;
    let logins: Vec<&str> = PEOPLE.iter().map(|one| one.email.unwrap_or(one.login)).collect();
    print(&format!(
        "demonstration users, all with the password {PASSWORD}: {}\n",
        logins.join(", ")
    ))
}

async fn fill(ports: &Ports, charters: &[&Charter]) -> Result<(), Fault> {
    for somebody in PEOPLE {
        ensure(ports, somebody).await?;
    }
    for charter in charters {
        // Whether its server will have a bridge is not known yet: there is a room on each side.
        (charter.demo)(ports, None).await?;
        if let shared @ Some(_) = charter.identities.shared_realm() {
            (charter.demo)(ports, shared).await?;
        }
    }
    Ok(())
}

/// Makes the account, or gives a login to the one that a token made before.
async fn ensure(ports: &Ports, somebody: &Somebody) -> Result<(), Fault> {
    let login = find(ports, AccountKey::Login(somebody.login.into())).await?;
    let email = match somebody.email {
        Some(email) => find(ports, AccountKey::Email(email.into())).await?,
        None => None,
    };
    let id = match somebody.id {
        Some(id) => find(ports, AccountKey::Id(UserId(id))).await?,
        None => None,
    };
    if login.is_some() || email.is_some() {
        return Ok(());
    }
    let password = passwords::hash(PASSWORD.into()).await?;
    match id {
        Some(account) if account.login.is_none() => {
            let change = AccountChange {
                login: Some(somebody.login.into()),
                password: account.password.is_none().then_some(password),
                ..AccountChange::default()
            };
            let id = account.person.id;
            let write = |reply| Write::ChangeAccount(ACCOUNTS, id, change, reply);
            ports.write(write).await.map(drop)
        }
        taken => {
            let id = somebody.id.filter(|_| taken.is_none());
            let account = new_account(somebody, id.map(UserId), password);
            ports.write(|reply| Write::AddAccount(account, reply)).await.map(drop)
        }
    }
}

async fn find(ports: &Ports, key: AccountKey) -> Result<Option<Account>, Fault> {
    ports.read(|reply| Read::Account(ACCOUNTS, key, reply)).await
}

fn new_account(somebody: &Somebody, id: Option<UserId>, password: String) -> NewAccount {
    NewAccount {
        realm: ACCOUNTS,
        id,
        code: None,
        name: somebody.login.into(),
        nickname: None,
        profile: somebody.profile.map(Into::into),
        login: Some(somebody.login.into()),
        email: somebody.email.map(str::to_owned),
        password: Some(password),
        role: None,
    }
}
