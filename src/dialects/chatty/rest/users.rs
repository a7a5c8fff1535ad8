//! `/users`: who there is.

use std::sync::Arc;

use serde::Serialize;

use super::form::{self, Form};
use super::{Chatty, Page, REALM, deleted, failure, unavailable, user, uuid};
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::dialects::kit::time;
use crate::hub::ports::{Account, AccountChange, Fault, NewAccount, Read, Write};

/// A user as they are shown.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    name: &'a str,
    handle: &'a str,
    created_date: String,
    last_updated_date: String,
}

impl<'a> Shown<'a> {
    fn new(account: &'a Account) -> Shown<'a> {
        Shown {
            id: account.person.code.as_deref().unwrap_or_default(),
            name: &account.person.name,
            handle: account.login.as_deref().unwrap_or_default(),
            created_date: time::iso_utc(account.created_ms),
            last_updated_date: time::iso_utc(account.updated_ms),
        }
    }
}

pub(super) async fn list(chatty: Arc<Chatty>, request: Request) -> Answer {
    #[derive(Serialize)]
    struct Users<'a> {
        users: Vec<Shown<'a>>,
        total: u64,
    }
    let Page { skip, limit } = Page::read(&request)?;
    let found = chatty.hub.ports().read(|reply| Read::Accounts(REALM, skip, limit, reply)).await;
    let (accounts, total) = found.map_err(|fault| unavailable(&fault))?;
    let users = accounts.iter().map(Shown::new).collect();
    Ok(Response::json(200, &Users { users, total }))
}

pub(super) async fn create(chatty: Arc<Chatty>, request: Request) -> Answer {
    let mut form = Form::read(&request)?;
    let (name, handle) = (form.name("name"), form.slug("handle"));
    let (name, handle) = form.done(name.zip(handle))?;
    let account = NewAccount {
        realm: REALM,
        id: None,
        code: Some(uuid::random().map_err(|fault| unavailable(&fault))?),
        name,
        nickname: None,
        profile: None,
        login: Some(handle),
        email: None,
        password: None,
        role: None,
    };
    let made = chatty.hub.ports().write(|reply| Write::AddAccount(account, reply)).await;
    let account = made.map_err(|fault| refused(&fault))?;
    Ok(Response::json(201, &Shown::new(&account)))
}

pub(super) async fn read(chatty: Arc<Chatty>, request: Request) -> Answer {
    let id = form::path_id(&request, 0, "user_id")?;
    Ok(Response::json(200, &Shown::new(&user(&chatty, &id).await?)))
}

/// Changes what is given, and leaves the rest.
pub(super) async fn update(chatty: Arc<Chatty>, request: Request) -> Answer {
    let id = form::path_id(&request, 0, "user_id")?;
    let mut form = Form::read(&request)?;
    let name = form.optional("name", Form::name);
    let login = form.optional("handle", Form::slug);
    let (name, login) = form.done(name.zip(login))?;
    let user = user(&chatty, &id).await?.person.id;
    let change = AccountChange { name, login, ..AccountChange::default() };
    let write = |reply| Write::ChangeAccount(REALM, user, change, reply);
    let changed = chatty.hub.ports().write(write).await.map_err(|fault| refused(&fault))?;
    let account = changed.ok_or_else(|| failure(404, "User not found"))?;
    Ok(Response::json(200, &Shown::new(&account)))
}

/// Takes a user away. What they said stays, and is nobody's.
pub(super) async fn delete(chatty: Arc<Chatty>, request: Request) -> Answer {
    let id = form::path_id(&request, 0, "user_id")?;
    let user = user(&chatty, &id).await?.person.id;
    let gone = chatty.hub.ports().write(|reply| Write::DropAccount(REALM, user, reply)).await;
    match gone.map_err(|fault| unavailable(&fault))? {
        true => Ok(deleted()),
        false => Err(failure(404, "User not found")),
    }
}

fn refused(fault: &Fault) -> Response {
    match fault {
        Fault::Taken("login") => failure(409, "User with this handle already exists"),
        fault => unavailable(fault),
    }
}
