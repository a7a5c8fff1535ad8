//! Templates: the flags' texts with `{i}` and the like in them. JSON has braces, too: only the
//! known names are variables, everything else stands for itself.
//! Parsed once, rendered per client; `{body}` may be left open, to be filled per message.

/// The names a template knows, and what the command line says of them.
pub const VARIABLES: [(&str, &str); 7] = [
    ("i", "the client's number, from 1"),
    ("user", "the user's number, from 1: clients may share one (--users-per-room)"),
    ("r", "the room's number, from 1"),
    ("room", "the room's name (--room)"),
    ("run", "six digits of this run"),
    ("token", "the user's token"),
    ("body", "the message's body, --size bytes"),
];

/// What the variables stand for, for one client.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// `{i}`.
    pub i: u64,
    /// `{user}`.
    pub user: u64,
    /// `{r}`.
    pub r: u64,
    /// `{room}`.
    pub room: String,
    /// `{run}`.
    pub run: u32,
    /// `{token}`.
    pub token: String,
}

impl Scope {
    fn write(&self, name: &str, out: &mut String) {
        match name {
            "i" => out.push_str(&self.i.to_string()),
            "user" => out.push_str(&self.user.to_string()),
            "r" => out.push_str(&self.r.to_string()),
            "room" => out.push_str(&self.room),
            "run" => out.push_str(&self.run.to_string()),
            "token" => out.push_str(&self.token),
            // {body}: filled per message, by `Around`.
            _ => {}
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(&'static str),
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Template {
    parts: Vec<Part>,
}

/// A text cut where its body belongs: `before` body `after`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    /// All up to the body.
    pub before: String,
    /// All behind it; `None` if the text has no body.
    pub after: Option<String>,
}

impl Template {
    /// Reads a template; every text is one.
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(brace) = rest.find('{') {
            plain.push_str(&rest[..brace]);
            let inside = &rest[brace + 1..];
            match VARIABLES.iter().find(|(name, _)| starts_variable(inside, name)) {
                Some((name, _)) => {
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(Part::Variable(name));
                    rest = &inside[name.len() + 1..];
                }
                None => {
                    plain.push('{');
                    rest = inside;
                }
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Self { parts }
    }

    /// The text for one client; a `{body}` in it is empty.
    pub fn render(&self, scope: &Scope) -> String {
        let around = self.around(scope);
        around.before + around.after.as_deref().unwrap_or_default()
    }

    /// The text for one client, cut at its first `{body}`.
    pub fn around(&self, scope: &Scope) -> Around {
        let mut before = String::new();
        let mut after: Option<String> = None;
        for part in &self.parts {
            if after.is_none() && *part == Part::Variable("body") {
                after = Some(String::new());
                continue;
            }
            let out = after.as_mut().unwrap_or(&mut before);
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Variable(name) => scope.write(name, out),
            }
        }
        Around { before, after }
    }

    /// Whether the template names `variable`.
    pub fn names(&self, variable: &str) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Variable(name) if *name == variable))
    }
}

fn starts_variable(inside: &str, name: &str) -> bool {
    inside.strip_prefix(name).is_some_and(|rest| rest.starts_with('}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { i: 7, user: 2, r: 3, room: "bench_3".into(), run: 123_456, token: "a.b.c".into() }
    }

    #[test]
    fn variables_are_filled_and_json_is_left_alone() {
        let cases = [
            ("", ""),
            ("{i}-{user}-{r}-{run}", "7-2-3-123456"),
            (r#"{"token":"{token}"}"#, r#"{"token":"a.b.c"}"#),
            (r#"{"room":"{room}","n":{"i":{i}}}"#, r#"{"room":"bench_3","n":{"i":7}}"#),
            ("{unknown} {I} { i} {", "{unknown} {I} { i} {"),
            ("{{i}}", "{7}"),
            ("é{i}é", "é7é"),
        ];
        for (text, expected) in cases {
            assert_eq!(Template::parse(text).render(&scope()), expected, "{text}");
        }
    }

    #[test]
    fn the_body_cuts_the_text_in_two() {
        let template = Template::parse(r#"{"room":"{room}","content":"{body}","i":{i}}"#);
        let around = template.around(&scope());
        assert_eq!(around.before, r#"{"room":"bench_3","content":""#);
        assert_eq!(around.after.as_deref(), Some(r#"","i":7}"#));
        assert_eq!(Template::parse("{room}").around(&scope()).after, None);
        assert!(template.names("body") && !template.names("token"));
    }
}
