//! Every flag and its help; the defaults of what a dialect fills in stand in `presets`.

use clap::{Arg, ArgAction, Command, value_parser};

use crate::presets;
use crate::template::VARIABLES;

/// The command with its flags.
pub fn command() -> Command {
    let variables: Vec<_> =
        VARIABLES.iter().map(|(name, meaning)| format!("  {{{name}}}  {meaning}")).collect();
    Command::new("polylogue-bench")
        .about("A load generator for any Socket.IO server")
        .after_help(format!("In templates:\n{}", variables.join("\n")))
        .subcommand_required(true)
        .args(server_flags())
        .args(speech_flags())
        .args(run_flags())
        .subcommand(
            Command::new("fanout").about("Messages to rooms").args([
                number("rooms", "Rooms", "1"),
                number("members", "Members of each room", "1000"),
                number("senders", "Senders in all, spread over the rooms in turn", "10"),
                text(
                    "rate",
                    "N",
                    "Messages a second in all; without it a closed loop, one message \
                 in flight per sender",
                )
                .value_parser(value_parser!(f64)),
            ]),
        )
        .subcommand(
            Command::new("echo")
                .about("Emit with ack, and again when the ack is there")
                .arg(number("clients", "Clients", "100")),
        )
        .subcommand(
            Command::new("connect")
                .about("A storm of handshakes up to CONNECT's answer")
                .arg(number("clients", "Clients", "1000")),
        )
        .subcommand(
            Command::new("idle")
                .about("Connections that do nothing: what one costs in memory")
                .arg(number("clients", "Clients", "1000")),
        )
}

fn server_flags() -> Vec<Arg> {
    vec![
        text("url", "URL", "http://HOST:PORT").default_value("http://127.0.0.1:3000"),
        text("path", "PATH", "Engine.IO's path").default_value("/socket.io/"),
        text("namespace", "NAME", "The Socket.IO namespace; from the dialect without it"),
        text("transport", "NAME", "How to get there")
            .value_parser(["websocket", "polling"])
            .default_value("websocket"),
        text("query", "TEMPLATE", "More of the handshake's query, URL-encoded"),
        text("auth", "TEMPLATE", "CONNECT's payload, a JSON object"),
        text("tokens", "FILE", "Tokens, one per line, in turn for the users")
            .conflicts_with("token-command"),
        text("token-command", "TEMPLATE", "A shell command whose last line is the user's token"),
        text("pid", "PID", "The server's process on this machine: its CPU and memory")
            .value_parser(value_parser!(u32)),
    ]
}

fn speech_flags() -> Vec<Arg> {
    vec![
        text("dialect", "NAME", "Fills in the flags from --namespace to --sender-hears")
            .value_parser(presets::names().collect::<Vec<_>>())
            .default_value("generic"),
        text("room", "TEMPLATE", "A room's name"),
        text("join", "EVENT", "The event that joins a room; empty for none"),
        text("join-payload", "TEMPLATE", "Its payload, JSON"),
        text("joined", "EVENT", "The event that tells the joiner it is inside; empty for none"),
        text("send", "EVENT", "The event that sends"),
        text("send-payload", "TEMPLATE", "Its payload, JSON with {body} in a string"),
        text("hear", "EVENT", "The event that delivers"),
        text("hear-user", "KEY", "For deliveries without {body}: the key of the sender's {user}"),
        text("sender-hears", "BOOL", "Whether senders hear their own messages")
            .value_parser(value_parser!(bool)),
        text("users-per-room", "N", "Users that share a room's clients; 0: one each")
            .value_parser(value_parser!(u64)),
    ]
}

fn run_flags() -> Vec<Arg> {
    vec![
        text("size", "BYTES", "Bytes of a body, a stamp's 38 at least")
            .value_parser(value_parser!(usize))
            .default_value("128"),
        Arg::new("ack")
            .long("ack")
            .action(ArgAction::SetTrue)
            .global(true)
            .help("Sends ask for an ack, and a closed loop waits for it, too"),
        text("seconds", "N", "How long is measured")
            .value_parser(value_parser!(f64))
            .default_value("10"),
        text("warmup-seconds", "N", "How long the load runs before")
            .value_parser(value_parser!(f64))
            .default_value("2"),
        text("patience-seconds", "N", "How long a message may take before it counts as lost")
            .value_parser(value_parser!(f64))
            .default_value("5"),
        number("opening-at-once", "Clients that open at once", "64").global(true),
        Arg::new("json")
            .long("json")
            .action(ArgAction::SetTrue)
            .global(true)
            .help("JSON instead of a table"),
    ]
}

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help).global(true)
}

fn number(name: &'static str, help: &'static str, default: &'static str) -> Arg {
    let arg = Arg::new(name).long(name).value_name("N").help(help);
    arg.value_parser(value_parser!(usize)).default_value(default)
}
