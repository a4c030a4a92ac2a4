//! The binary: its first line, its signals, its refusals.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_oneclickdz-sandbox"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Starts it and gives the address of its first line.
fn started(arguments: &[&str]) -> (Child, BufReader<std::process::ChildStdout>, String) {
    let mut child = start(arguments);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let address = line.strip_prefix(r#"{"url": "http://"#).unwrap().strip_suffix("\"}\n").unwrap().to_owned();
    (child, stdout, address)
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let text =
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nX-Access-Token: sandbox-key\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Exit code, the rest of stdout, and stderr.
fn ended(mut child: Child, mut stdout: impl Read) -> (Option<i32>, String, String) {
    let (mut out, mut err) = (String::new(), String::new());
    stdout.read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    (child.wait().unwrap().code(), out, err)
}

#[cfg(unix)]
#[test]
fn it_announces_itself_serves_and_ends_on_signals() {
    for signal in ["TERM", "INT"] {
        let (child, stdout, address) = started(&["--balance", "1326.13", "--speed", "100"]);
        assert!(address.starts_with("127.0.0.1:"));
        assert!(get(&address, "/v3/account/balance").contains(r#""balance":1326.13"#));
        assert!(get(&address, "/__sandbox/clock").contains(r#""mode":"scaled","speed":100"#));
        Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
        let (code, rest, log) = ended(child, stdout);
        assert_eq!((code, rest.as_str()), (Some(0), ""));
        for line in log.lines() {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
        }
        assert!(!log.contains("sandbox-key"));
    }
}

#[test]
fn files_set_faults_and_dialect() {
    let folder = std::env::temp_dir().join(format!("oneclickdz-sandbox-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (faults, dialect) = (folder.join("faults.json"), folder.join("dialect.json"));
    std::fs::write(&faults, r#"{"rules": [{"operation": "validate", "fault": "error_503"}]}"#).unwrap();
    std::fs::write(&dialect, r#"{"balance_currency": "present"}"#).unwrap();
    let files =
        ["--faults", faults.to_str().unwrap(), "--dialect", dialect.to_str().unwrap(), "--manual-clock"];
    let (mut child, _stdout, address) = started(&files);
    assert!(get(&address, "/v3/account/balance").contains(r#""currency":"DZD""#));
    assert!(get(&address, "/v3/validate").starts_with("HTTP/1.1 503"));
    child.kill().unwrap();
    child.wait().unwrap();

    std::fs::write(&faults, r#"{"rules": [{"operation": "validation", "fault": "error_503"}]}"#).unwrap();
    let (code, out, err) = refused(&["--faults", faults.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("faults.json") && err.contains("matches nothing"), "{err}");
    std::fs::remove_dir_all(&folder).unwrap();
}

fn refused(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut child = start(arguments);
    let stdout = child.stdout.take().unwrap();
    ended(child, stdout)
}

#[test]
fn it_refuses_what_it_should_not_do() {
    for (arguments, reason) in [
        (&["--host", "0.0.0.0"][..], "--allow-remote"),
        (&["--host", "nowhere"], "IP address"),
        (&["--speed", "0"], "speed must be above 0"),
        (&["--balance", "-1"], "negative"),
        (&["--dialect", "/does/not/exist.json"], "cannot read"),
        (&["--unknown"], "unexpected argument"),
    ] {
        let (code, out, err) = refused(arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(err.contains(reason), "{arguments:?}: {err}");
    }
}

#[test]
fn another_address_is_served_when_told() {
    let (mut child, _stdout, address) = started(&["--host", "0.0.0.0", "--allow-remote"]);
    let port = address.rsplit(':').next().unwrap();
    assert!(get(&format!("127.0.0.1:{port}"), "/v3/ping").starts_with("HTTP/1.1 200"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_help_tells_keys_and_magic_numbers() {
    let (code, out, _) = refused(&["--help"]);
    assert_eq!(code, Some(0));
    for word in ["sandbox-key", "0600000005", "036000003", "TEST_PARTIAL", "/__sandbox/", "--manual-clock"] {
        assert!(out.contains(word), "{word}");
    }
}

#[test]
fn its_mail_server_keeps_what_it_gets_in_a_folder() {
    let folder = std::env::temp_dir().join(format!("oneclickdz-mail-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut child = start(&["--mail", folder.to_str().unwrap()]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", said["smtp_port"].as_u64().unwrap() as u16)).unwrap();
    let talk = "EHLO x\r\nMAIL FROM:<a@b.dz>\r\nRCPT TO:<c@d.dz>\r\nDATA\r\nSubject: s\r\n\r\n..text\r\n.\r\nQUIT\r\n";
    stream.write_all(talk.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert!(answers.starts_with("220 ") && answers.contains("queued as 1"), "{answers}");
    assert_eq!(std::fs::read_to_string(folder.join("1.eml")).unwrap(), "Subject: s\r\n\r\n.text\r\n");
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
