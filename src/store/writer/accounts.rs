//! What the writer does to accounts.

use rusqlite::params;

use super::Writer;
use crate::hub::id::{Realm, UserId};
use crate::hub::ports::{Account, AccountChange, AccountKey, Fault, NewAccount};
use crate::store::columns::{number, read_number, span};
use crate::store::limits::COUNTED_IDS_END;
use crate::store::sql;

impl Writer<'_> {
    /// Makes an account.
    pub(super) fn add_account(&mut self, new: &NewAccount) -> Result<Account, Fault> {
        let id = match new.id {
            Some(id) => id,
            None => self.next_id(new.realm)?,
        };
        self.insert_account(new, id)?;
        // Whoever was taken away may come back under the same id, if it is asked for.
        self.connection.prepare_cached(sql::DEPARTED_DROP)?.execute((new.realm.0, number(id.0)))?;
        self.account_by_id(new.realm, id)?.ok_or_else(vanished)
    }

    /// Finds an account by id, else by code, or makes it. Runs at every connection: an account
    /// that already says what it should costs one look.
    pub(super) fn ensure_account(&mut self, new: &NewAccount) -> Result<Account, Fault> {
        let key = match (new.id, &new.code) {
            (Some(id), _) => AccountKey::Id(id),
            (None, Some(code)) => AccountKey::Code(code.clone()),
            (None, None) => return Err(Fault::Store("an account has no id and no code".into())),
        };
        let Some(account) = self.facts().account(new.realm, &key)? else {
            return self.in_savepoint(|writer| writer.add_account(new));
        };
        let renamed = account.person.name != new.name;
        let nicknamed = new.nickname.is_some() && account.person.nickname != new.nickname;
        if !renamed && !nicknamed {
            return Ok(account);
        }
        let change = AccountChange {
            name: Some(new.name.clone()),
            nickname: new.nickname.clone(),
            ..AccountChange::default()
        };
        self.change_account(new.realm, account.person.id, &change)?.ok_or_else(vanished)
    }

    /// Changes an account.
    pub(super) fn change_account(
        &mut self,
        realm: Realm,
        user: UserId,
        change: &AccountChange,
    ) -> Result<Option<Account>, Fault> {
        self.connection.prepare_cached(sql::ACCOUNT_CHANGE)?.execute(params![
            realm.0,
            number(user.0),
            span(self.known.now_ms),
            change.name,
            change.nickname,
            change.profile,
            change.login,
            change.email,
            change.password,
            change.role
        ])?;
        self.account_by_id(realm, user)
    }

    /// Takes an account away, and its person out of every room.
    pub(super) fn drop_account(&mut self, realm: Realm, user: UserId) -> Result<bool, Fault> {
        let who = (realm.0, number(user.0));
        let dropped = self.connection.prepare_cached(sql::ACCOUNT_DROP)?.execute(who)?;
        if dropped == 0 {
            return Ok(false);
        }
        for statement in [sql::DEPARTED_INSERT, sql::MEMBERS_DROP_USER] {
            self.connection.prepare_cached(statement)?.execute(who)?;
        }
        Ok(true)
    }

    fn account_by_id(&self, realm: Realm, id: UserId) -> Result<Option<Account>, Fault> {
        self.facts().account(realm, &AccountKey::Id(id))
    }

    fn next_id(&self, realm: Realm) -> Result<UserId, Fault> {
        let id = self
            .connection
            .prepare_cached(sql::ACCOUNT_NEXT_ID)?
            .query_row((realm.0, span(COUNTED_IDS_END)), |row| read_number(row, 0))?;
        Ok(UserId(id))
    }

    fn insert_account(&self, new: &NewAccount, id: UserId) -> Result<(), Fault> {
        self.connection.prepare_cached(sql::ACCOUNT_INSERT)?.execute(params![
            new.realm.0,
            number(id.0),
            new.code,
            new.name,
            new.nickname,
            new.profile,
            new.login,
            new.email,
            new.password,
            new.role,
            span(self.known.now_ms)
        ])?;
        Ok(())
    }
}

fn vanished() -> Fault {
    Fault::Store("an account vanished while it was written".into())
}
