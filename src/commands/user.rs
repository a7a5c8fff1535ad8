//! `polylogue user add`: an account that somebody can log in with. Works beside a server.

use super::{accounts, print};
use crate::config::{Flag, Invocation, Shape, Values, Verb};
use crate::hub::id::ACCOUNTS;
use crate::hub::ports::{Account, Fault, NewAccount, Ports, Write};
use crate::limits::CLAIM_BYTES_MAX;
use crate::passwords;

pub(super) const VERB: Verb = Verb {
    path: &["user", "add"],
    about: "Makes an account, beside a running server as well",
    flags: FLAGS,
    shows: Some(&["data"]),
};

const FLAGS: &[Flag] = &[
    Flag::new("name", "NAME", Shape::Checked(name), "The name to log in with, which others see")
        .required(),
    Flag::new("password", "PASSWORD", Shape::Text, "The password").secret().required(),
    Flag::new("email", "ADDRESS", Shape::Checked(email), "An address to log in with as well"),
];

/// Makes the account and says which id it has.
pub(super) fn run(invocation: Invocation) -> Result<(), String> {
    let Invocation { config, values, .. } = invocation;
    let account = accounts::with_ports(&config, async |ports| add(ports, &values).await)?;
    print(&format!("account {}: {}\n", account.person.id, account.person.name))
}

async fn add(ports: &Ports, values: &Values) -> Result<Account, String> {
    let name = values.text("name").expect("the name is required");
    let password = values.text("password").expect("the password is required");
    let email = values.text("email");
    let hash = passwords::hash(password.to_owned()).await.map_err(|fault| fault.to_string())?;
    let account = NewAccount {
        realm: ACCOUNTS,
        id: None,
        code: None,
        name: name.into(),
        nickname: None,
        profile: None,
        login: Some(name.to_owned()),
        email: email.map(str::to_owned),
        password: Some(hash),
        role: None,
    };
    ports.write(|reply| Write::AddAccount(account, reply)).await.map_err(|fault| match fault {
        Fault::Taken("email") => format!(
            "an account has the address {} already: choose another with --email",
            email.unwrap_or_default()
        ),
        Fault::Taken(_) => {
            format!("an account is called {name} already: choose another with --name")
        }
        fault => fault.to_string(),
    })
}

fn name(value: &str) -> Result<(), String> {
    let is_bare = value.trim() == value && !value.chars().any(char::is_control);
    match !value.is_empty() && is_bare && value.len() <= CLAIM_BYTES_MAX {
        true => Ok(()),
        false => Err(format!(
            "1 to {CLAIM_BYTES_MAX} bytes without spaces at the ends or control characters"
        )),
    }
}

fn email(value: &str) -> Result<(), String> {
    let parts = value.split_once('@');
    let is_address = parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    match is_address && !value.contains(char::is_whitespace) && value.len() <= CLAIM_BYTES_MAX {
        true => Ok(()),
        false => Err("an address such as alice@example.com".into()),
    }
}
