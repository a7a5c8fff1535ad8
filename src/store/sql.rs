//! Every statement by its name; each is a file of `sql/sqlite/query`.

macro_rules! statements {
    ($($name:ident = $file:literal,)*) => {
        $(pub(super) const $name: &str =
            include_str!(concat!("../../sql/sqlite/query/", $file, ".sql"));)*

        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$(($file, $name)),*];
    };
}

statements! {
    ACCOUNTS = "accounts",
    ACCOUNTS_COUNT = "accounts_count",
    ACCOUNT_BY_CODE = "account_by_code",
    ACCOUNT_BY_EMAIL = "account_by_email",
    ACCOUNT_BY_ID = "account_by_id",
    ACCOUNT_BY_LOGIN = "account_by_login",
    ACCOUNT_CHANGE = "account_change",
    ACCOUNT_DROP = "account_drop",
    ACCOUNT_INSERT = "account_insert",
    ACCOUNT_NEXT_ID = "account_next_id",
    DEPARTED_BY_ID = "departed_by_id",
    DEPARTED_DROP = "departed_drop",
    DEPARTED_INSERT = "departed_insert",
    HISTORY_DROP = "history_drop",
    HISTORY_DROP_ROOM = "history_drop_room",
    HISTORY_INSERT = "history_insert",
    HISTORY_INSERT_MANY = "history_insert_many",
    LISTED_BELOW = "listed_below",
    MEMBERS = "members",
    MEMBERS_DROP_USER = "members_drop_user",
    MEMBER_CHANGE = "member_change",
    MEMBER_DROP = "member_drop",
    MEMBER_INSERT = "member_insert",
    MESSAGES = "messages",
    MESSAGES_AFTER = "messages_after",
    MESSAGES_COUNT = "messages_count",
    MESSAGES_DROP_ROOM = "messages_drop_room",
    MESSAGES_OF_REALM_DENSE = "messages_of_realm_dense",
    MESSAGES_OF_REALM_SPARSE = "messages_of_realm_sparse",
    MESSAGES_UNLISTED = "messages_unlisted",
    MESSAGE_BY_ID = "message_by_id",
    MESSAGE_DROP = "message_drop",
    MESSAGE_EDIT = "message_edit",
    MESSAGE_HIGHEST_ID = "message_highest_id",
    MESSAGE_INSERT = "message_insert",
    MESSAGE_SEQ_UP_TO = "message_seq_up_to",
    PERSON_BY_ID = "person_by_id",
    REALM_NEXT_NUMBER = "realm_next_number",
    ROOMS = "rooms_of_realm",
    ROOMS_COUNT = "rooms_count",
    ROOMS_OF = "rooms_of",
    ROOM_BY_CODE = "room_by_code",
    ROOM_BY_ID = "room_by_id",
    ROOM_BY_NUMBER = "room_by_number",
    ROOM_CHANGE = "room_change",
    ROOM_DROP = "room_drop",
    ROOM_INSERT = "room_insert",
    SENT_ADD = "sent_add",
    SENT_BY_KEY = "sent_by_key",
    SENT_PUT = "sent_put",
    SENT_SWEEP = "sent_sweep",
    TAIL_BY_ROOM = "tail_by_room",
    TAIL_INSERT = "tail_insert",
    TAIL_UPDATE = "tail_update",
    TAIL_UPDATE_MANY = "tail_update_many",
}
