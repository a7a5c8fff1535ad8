//! Registering, and logging in.

use std::sync::Arc;

use serde::Serialize;

use super::{Coaching, done, failure, mistaken, unavailable};
use crate::dialects::coaching::form::Form;
use crate::dialects::coaching::words::{Profile, User};
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::hub::id::ACCOUNTS;
use crate::hub::ports::{Account, AccountKey, Fault, NewAccount, Write};
use crate::passwords;

/// How long a token is good, in seconds.
const TOKEN_TTL_S: u64 = 24 * 60 * 60;

/// Somebody, and the token that speaks for them.
#[derive(Serialize)]
struct Signed<'a> {
    user: User<'a>,
    token: String,
}

pub(super) async fn register(coaching: Arc<Coaching>, request: Request) -> Answer {
    let (mut account, password) = applicant(&mut Form::of(&request)?)?;
    let hash = passwords::hash(password).await.map_err(|fault| unavailable(&fault))?;
    account.password = Some(hash);
    let added = coaching.hub.ports().write(|reply| Write::AddAccount(account, reply)).await;
    let account = added.map_err(|fault| match fault {
        Fault::Taken("email") => mistaken("email", "Email is already in use"),
        fault => unavailable(&fault),
    })?;
    signed(&coaching, 201, "User registered successfully", &account)
}

pub(super) async fn login(coaching: Arc<Coaching>, request: Request) -> Answer {
    let mut form = Form::of(&request)?;
    let (email, password) = (form.string("email", "Email"), form.string("password", "Password"));
    let (Some(email), Some(password)) = (email, password) else { return Err(form.refused()) };
    coaching.attempts.begin(&email, failure)?;
    let account = coaching.account(AccountKey::Email(email.trim().to_owned())).await?;
    let hash = account.as_ref().and_then(|account| account.password.clone());
    let is_right = passwords::verify(hash, password).await.map_err(|fault| unavailable(&fault))?;
    match account.filter(|_| is_right) {
        Some(account) => {
            coaching.attempts.succeeded(&email);
            signed(&coaching, 200, "Login successful", &account)
        }
        None => Err(failure(401, "Invalid email or password")),
    }
}

/// Whoever registers, without the password's hash, and the password.
fn applicant(form: &mut Form<'_>) -> Result<(NewAccount, String), Response> {
    let (email, password) = (form.email(), form.new_password());
    let first_name = form.name("first_name", "First name");
    let last_name = form.name("last_name", "Last name");
    let (role, profile_image) = (form.role(), form.profile_image());
    form.check()?;
    let (Some(password), Some(first), Some(last)) = (password, &first_name, &last_name) else {
        return Err(form.refused());
    };
    let name = format!("{first} {last}").into();
    let profile = Profile { first_name, last_name, profile_image };
    let profile = serde_json::to_string(&profile).expect("strings are always JSON");
    let account = NewAccount {
        realm: ACCOUNTS,
        id: None,
        code: None,
        name,
        nickname: None,
        profile: Some(profile.into()),
        login: None,
        email,
        password: None,
        role,
    };
    Ok((account, password))
}

fn signed(coaching: &Coaching, status: u16, words: &str, account: &Account) -> Answer {
    let token = coaching.identifier.sign(account, TOKEN_TTL_S);
    let token = token.map_err(|words| failure(503, &words))?;
    Ok(done(status, words, Signed { user: User::of(account), token }))
}
