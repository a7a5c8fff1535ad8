//! The dialects a server of ours speaks, as one table: what `--dialect` fills in, each field of
//! which a flag of its own overrides. A server of another make is one more entry.

use crate::template::Template;

/// What the clients say and hear.
#[derive(Clone, Debug)]
pub struct Speech {
    /// The Socket.IO namespace.
    pub namespace: String,
    /// Behind the handshake's own query, without `&`.
    pub query: Template,
    /// CONNECT's payload, a JSON object; `None` for none.
    pub auth: Option<Template>,
    /// A room's name.
    pub room: Template,
    /// The event that joins; empty if there is nothing to join.
    pub join: String,
    /// Its payload.
    pub join_payload: Template,
    /// The event that tells the joiner that it is inside; empty if none does.
    pub joined: String,
    /// The event that sends.
    pub send: String,
    /// Its payload; `{body}` is the place of the stamp.
    pub send_payload: Template,
    /// The event that delivers.
    pub hear: String,
    /// For deliveries that carry no body: the key whose number is the sender's `{user}`.
    pub hear_user: String,
    /// Whether a sender hears its own message.
    pub sender_hears: bool,
    /// How many users share a room; 0: every member is another user.
    pub users_per_room: u64,
}

/// A [`Speech`] as the table spells it.
struct Preset {
    name: &'static str,
    namespace: &'static str,
    query: &'static str,
    auth: &'static str,
    room: &'static str,
    join: [&'static str; 3],
    send: [&'static str; 2],
    hear: [&'static str; 2],
    sender_hears: bool,
    users_per_room: u64,
}

/// What most have in common.
const PLAIN: Preset = Preset {
    name: "generic",
    namespace: "/",
    query: "",
    auth: "",
    room: "bench_{run}_{r}",
    join: ["join", r#""{room}""#, ""],
    send: ["message", r#"{"room":"{room}","body":"{body}"}"#],
    hear: ["message", ""],
    sender_hears: true,
    users_per_room: 0,
};

const TOKEN: &str = r#"{"token":"{token}"}"#;
const CONVERSATION: [&str; 3] =
    ["join-conversation", r#"{"conversationId":{room},"userId":{user}}"#, "joined-conversation"];

/// Join: event, payload, the joiner's confirmation. Send: event, payload. Hear: event, sender key.
static PRESETS: [Preset; 7] = [
    PLAIN,
    Preset {
        name: "rooms",
        auth: TOKEN,
        join: ["join_room", r#""{room}""#, "system_message"],
        send: ["send_message", r#"{"room":"{room}","content":"{body}"}"#],
        hear: ["send_message", ""],
        sender_hears: false,
        ..PLAIN
    },
    Preset {
        name: "conversations",
        namespace: "/chat",
        query: "userId={user}",
        room: "{r}",
        join: CONVERSATION,
        send: [
            "send-message",
            concat!(
                r#"{"sender_id":{user},"conversation_id":{room},"#,
                r#""message_type":"text","content":"{body}"}"#,
            ),
        ],
        hear: ["receive-message", ""],
        users_per_room: 2,
        ..PLAIN
    },
    Preset {
        name: "typing",
        namespace: "/chat",
        query: "userId={user}",
        room: "{r}",
        join: CONVERSATION,
        send: ["typing", r#"{"conversationId":{room},"userId":{user},"isTyping":true}"#],
        hear: ["user-typing", "userId"],
        sender_hears: false,
        users_per_room: 2,
        ..PLAIN
    },
    // Its clients send over REST: for connect and idle.
    Preset {
        name: "chatty",
        join: ["join", r#"{"user_id":"user-{user}","chatroom_id":"{room}"}"#, "joined"],
        send: ["", ""],
        hear: ["new_message", ""],
        ..PLAIN
    },
    Preset {
        name: "coaching",
        auth: TOKEN,
        room: "{r}",
        join: ["join-chat", "{room}", ""],
        send: ["send-message", r#"{"chatId":{room},"content":"{body}"}"#],
        hear: ["new-message", ""],
        ..PLAIN
    },
    Preset {
        name: "lounge",
        auth: r#"{"token":"{token}","nickname":"user_{user}"}"#,
        room: "{run}{r}",
        join: ["joinRoom", r#"{"room":"{room}"}"#, "roomUsers"],
        send: ["chatMessage", r#""{\"type\":\"text\",\"text\":\"{body}\"}""#],
        hear: ["message", ""],
        ..PLAIN
    },
];

/// The presets' names; the first is the default.
pub fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|preset| preset.name)
}

/// The preset of that name.
pub fn find(name: &str) -> Option<Speech> {
    let preset = PRESETS.iter().find(|preset| preset.name == name)?;
    let [join, join_payload, joined] = preset.join;
    let [send, send_payload] = preset.send;
    let [hear, hear_user] = preset.hear;
    Some(Speech {
        namespace: preset.namespace.into(),
        query: Template::parse(preset.query),
        auth: (!preset.auth.is_empty()).then(|| Template::parse(preset.auth)),
        room: Template::parse(preset.room),
        join: join.into(),
        join_payload: Template::parse(join_payload),
        joined: joined.into(),
        send: send.into(),
        send_payload: Template::parse(send_payload),
        hear: hear.into(),
        hear_user: hear_user.into(),
        sender_hears: preset.sender_hears,
        users_per_room: preset.users_per_room,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Scope;

    #[test]
    fn every_preset_says_json() {
        let scope =
            Scope { i: 1, user: 1, r: 1, room: "1".into(), run: 100_000, token: "t".into() };
        for name in names() {
            let speech = find(name).expect("listed");
            let payloads = [Some(&speech.join_payload), Some(&speech.send_payload)];
            for template in payloads.into_iter().chain([speech.auth.as_ref()]).flatten() {
                let text = template.render(&scope);
                assert!(
                    text.is_empty() || serde_json::from_str::<serde_json::Value>(&text).is_ok(),
                    "{name}: {text}"
                );
            }
            let has_body = speech.send_payload.names("body");
            assert!(speech.send.is_empty() || has_body == speech.hear_user.is_empty(), "{name}");
        }
        assert!(find("nobody").is_none());
    }
}
