//! The program in a directory of its own, with no environment but what a test gives it.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

/// The program, not running yet.
pub(crate) struct Program {
    around: TempDir,
    env: Vec<(&'static str, OsString)>,
}

/// Seconds since 1970.
pub(crate) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs()
}

impl Program {
    pub(crate) fn new() -> Program {
        let around = tempfile::tempdir().expect("a directory for the test");
        Program { around, env: Vec::new() }
    }

    /// The same with an environment variable.
    pub(crate) fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Program {
        self.env.push((name, value.into()));
        self
    }

    /// Where its data is, by default.
    pub(crate) fn directory(&self) -> PathBuf {
        self.around.path().join("polylogue-data")
    }

    /// Writes a file beside the data, and answers with its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.around.path().join(name);
        std::fs::write(&path, text).expect("a file for the test");
        path.to_str().expect("a path in UTF-8").to_owned()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polylogue"));
        command.args(args).current_dir(self.around.path());
        command.env_clear().envs(self.env.iter().cloned()).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program runs")
    }

    /// Runs it and answers with its stdout; it must have nothing to complain of.
    pub(crate) fn succeeds(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {told}");
        assert_eq!(told, "", "{args:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs it and answers with its complaint, which must be one line after the program's name;
    /// it must exit with that code and say nothing on stdout.
    pub(crate) fn fails(&self, args: &[&str], code: i32) -> String {
        let output = self.run(args);
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
        assert_eq!(output.stdout, b"", "{args:?}");
        let last = told.lines().last().unwrap_or_default();
        let sentence = last.strip_prefix("polylogue: ");
        sentence.unwrap_or_else(|| panic!("{args:?}: {told:?}")).to_owned()
    }

    /// Starts a server on a free port and waits until it is ready.
    pub(crate) fn serve(&self, args: &[&str]) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the server starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let address = line.trim_end().strip_prefix("listening on http://");
        let address = address.and_then(|address| address.parse().ok());
        Server { address: address.unwrap_or_else(|| panic!("no address: {line:?}")), child }
    }
}

/// A server at work. Dropping it kills it.
pub(crate) struct Server {
    address: SocketAddr,
    child: Child,
}

impl Server {
    /// Posts JSON, with a Bearer token or without, and answers with the status and the body.
    pub(crate) fn post(&self, path: &str, token: Option<&str>, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let length = body.len();
        let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let bearer = bearer.unwrap_or_default();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{bearer}\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("a request");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("a response");
        let status = response.split(' ').nth(1).and_then(|status| status.parse().ok());
        let (_, body) = response.split_once("\r\n\r\n").expect("a head and a body");
        (status.expect("a status"), body.to_owned())
    }

    /// Asks it to stop, and answers with its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(sent.success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either may fail where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
