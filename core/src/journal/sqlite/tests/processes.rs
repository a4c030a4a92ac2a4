//! Several processes on one journal, and processes that are killed. Each child is this test program again, told by
//! its environment what to do.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use super::*;
use crate::journal::{Claim, Filter, Release};
use crate::runtime::random_below;

const VERB: &str = "JOURNAL_TEST_VERB";
const PLACE: &str = "JOURNAL_TEST_PLACE";

fn command(verb: &str, place: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    instruct(&mut command, verb, place);
    command
}

fn instruct(command: &mut Command, verb: &str, place: &Path) {
    let (_, module) = module_path!().split_once("::").expect("a module");
    command.args([&format!("{module}::child"), "--exact", "--nocapture", "--test-threads=1"]);
    command.env(VERB, verb).env(PLACE, place).stdout(Stdio::piped());
}

/// What a child has said after its mark.
const MARK: &str = "told: ";

fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{MARK}{words}").and_then(|()| out.flush()).expect("a reader");
}

fn heard(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let out = child.stdout.take().expect("a pipe");
    BufReader::new(out).lines().filter_map(|line| line.ok()?.strip_prefix(MARK).map(str::to_owned))
}

/// Not a test of its own: what a child does.
#[test]
fn child() {
    let (Ok(verb), Ok(place)) = (std::env::var(VERB), std::env::var(PLACE)) else { return };
    let place = PathBuf::from(place);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
    match verb.as_str() {
        "open" => match try_open(&place) {
            Ok(_) => say("opened"),
            Err(error) => say(error.detail()),
        },
        "hammer" => runtime.block_on(hammer(open(&place))),
        "write" => runtime.block_on(write_for_ever(open(&place))),
        "fill" => runtime.block_on(fill(&place)),
        other => panic!("no such verb: {other}"),
    }
}

/// Opens a journal as a user without the right to everything, and tells what came of it.
#[cfg(unix)]
pub(super) fn opened_by_another_user(folder: &Folder, journal: &Path, is_root: bool) -> String {
    use std::os::unix::process::CommandExt;

    let mut command = command("open", journal);
    let copy = folder.0.with_extension("program");
    if is_root {
        // Where everybody may start it.
        fs::copy(std::env::current_exe().expect("this program"), &copy).expect("a copy");
        command = Command::new(&copy);
        instruct(&mut command, "open", journal);
        command.uid(65_534).gid(65_534).current_dir("/");
    }
    let mut child = command.spawn().expect("a child");
    let told: Vec<String> = heard(&mut child).collect();
    child.wait().expect("an end");
    let _ = fs::remove_file(copy);
    told.join("\n")
}

const SHARED: u64 = 100;

async fn hammer(journal: SqliteJournal) {
    let journal = Arc::new(journal);
    let worker = |task: u64| {
        let journal = Arc::clone(&journal);
        async move {
            let name = format!("{}-{task}", std::process::id());
            for round in 0..SHARED {
                let r#ref = format!("order-{}", (round + task * 7) % SHARED);
                if let Entry::New(_) = journal.enter(due(&r#ref, 0), None).await.expect("entered") {
                    say(&format!("new {ref}"));
                }
                let count = |record: &mut Record| {
                    record.order.attempts += 1;
                    Ok(())
                };
                journal.change(&r#ref, None, Durability::AtOnce, Box::new(count)).await.expect("changed");
                let claim = Claim {
                    worker: name.clone(),
                    now: at(round),
                    due_by: at(round),
                    until: at(round + 2),
                    limit: 3,
                };
                let claimed = journal.claim_due(claim).await.expect("claimed");
                let mut releases = Vec::new();
                for record in claimed {
                    say(&format!("claim {} {}", record.order.r#ref, record.fence));
                    let holder = record.lease.expect("a lease").holder;
                    let next_check_at = Some(at(round + 1));
                    releases.push(Release { r#ref: record.order.r#ref, holder, next_check_at });
                }
                journal.release(releases).await.expect("released");
                journal.get(&r#ref).await.expect("read").expect("known");
            }
        }
    };
    let tasks: Vec<_> = (0..4).map(|task| tokio::spawn(worker(task))).collect();
    for task in tasks {
        task.await.expect("no error");
    }
}

#[tokio::test]
async fn eight_processes_share_a_journal() {
    let folder = Folder::new();
    // They also make it together.
    let mut children: Vec<Child> =
        (0..8).map(|_| command("hammer", &folder.journal()).spawn().expect("a child")).collect();
    let ears: Vec<_> = children
        .iter_mut()
        .map(|child| {
            let said = heard(child);
            std::thread::spawn(move || said.collect::<Vec<String>>())
        })
        .collect();
    let told: Vec<String> = ears.into_iter().flat_map(|ear| ear.join().expect("heard")).collect();
    for mut child in children {
        assert!(child.wait().expect("an end").success());
    }
    let distinct: HashSet<&String> = told.iter().collect();
    assert_eq!(distinct.len(), told.len(), "no order is new twice, no fence is given out twice");
    assert_eq!(told.iter().filter(|word| word.starts_with("new ")).count() as u64, SHARED);
    let filter = Filter { limit: 1000, ..Filter::default() };
    let records = open(&folder.journal()).list(filter).await.expect("listed");
    let attempts: u64 = records.iter().map(|record| u64::from(record.order.attempts)).sum();
    assert_eq!(attempts, 8 * 4 * SHARED, "no change is lost");
}

/// Writes until it is killed or something fails; tells every acknowledgement.
async fn write_for_ever(journal: SqliteJournal) {
    let journal = Arc::new(journal);
    let producer = |task: u64| {
        let journal = Arc::clone(&journal);
        async move {
            for round in 0.. {
                let r#ref = format!("{}-{task}-{round}", std::process::id());
                match journal.enter(record(&r#ref), None).await {
                    Ok(Entry::New(_)) => say(&format!("{ref} recorded")),
                    Ok(Entry::Known(_)) => panic!("{ref} is known"),
                    Err(error) => return say(&format!("error {}", error.detail())),
                }
                match moved(&*journal, &r#ref, None, OrderState::Sending).await {
                    Ok(_) => say(&format!("{ref} sending")),
                    Err(error) => return say(&format!("error {}", error.detail())),
                }
            }
        }
    };
    let tasks: Vec<_> = (0..16).map(|task| tokio::spawn(producer(task))).collect();
    for task in tasks {
        task.await.expect("no panic");
    }
}

/// Every acknowledged state must be there, and every record must agree with its history.
async fn assert_kept(path: &Path, told: &[String]) {
    let mut acknowledged: HashMap<&str, &str> = HashMap::new();
    for line in told.iter().filter(|line| !line.starts_with("error ")) {
        let (r#ref, state) = line.split_once(' ').expect("two words");
        acknowledged.insert(r#ref, state);
    }
    let journal = open(path);
    for (r#ref, state) in acknowledged {
        let found = journal.get(r#ref).await.expect("read").unwrap_or_else(|| panic!("{ref} is lost"));
        let is_kept = state == "recorded" || found.order.state == OrderState::Sending;
        assert!(is_kept, "{ref} was {state} and is {}", found.order.state);
    }
    let records = journal.list(Filter { limit: usize::MAX, ..Filter::default() }).await.expect("listed");
    for record in records {
        let history = journal.history(&record.order.r#ref).await.expect("read");
        assert_eq!(history.last().map(|step| step.order.state), Some(record.order.state));
    }
    let check = |database: &rusqlite::Connection| {
        Ok(database.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))?)
    };
    assert_eq!(journal.reader.read("journal.test", check).await.expect("checked"), "ok");
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let folder = Folder::new();
    let mut told = Vec::new();
    for _ in 0..12 {
        let mut child = command("write", &folder.journal()).spawn().expect("a child");
        let mut said = heard(&mut child);
        let lines = usize::try_from(1 + random_below(150)).expect("small");
        told.extend(said.by_ref().take(lines));
        child.kill().expect("killed");
        told.extend(said);
        assert!(!child.wait().expect("an end").success());
    }
    assert!(told.len() >= 12);
    assert_kept(&folder.journal(), &told).await;
}

/// A file system that takes no more makes the commit itself fail.
#[cfg(unix)]
#[tokio::test]
async fn a_commit_that_the_file_system_refuses_is_not_acknowledged() {
    let folder = Folder::new();
    let mut limited = Command::new("sh");
    limited.args(["-c", r#"trap "" XFSZ; ulimit -f 600; exec "$0" "$@""#]);
    limited.arg(std::env::current_exe().expect("this program"));
    instruct(&mut limited, "write", &folder.journal());
    let mut child = limited.spawn().expect("a child");
    let told: Vec<String> = heard(&mut child).collect();
    assert!(child.wait().expect("an end").success());
    let errors: Vec<&String> = told.iter().filter(|line| line.starts_with("error ")).collect();
    assert_eq!(errors.len(), 16, "each producer is told");
    assert!(errors.iter().all(|error| error.contains("cannot be read or written")), "{errors:?}");
    assert!(told.len() > 16);
    assert_kept(&folder.journal(), &told).await;
}

/// Fills a small disk, makes room again and goes on.
async fn fill(path: &Path) {
    let ballast = path.with_extension("ballast");
    fs::write(&ballast, vec![1; 2_000_000]).expect("room for now");
    let journal = open(path);
    let mut kept = Vec::new();
    let error = loop {
        let r#ref = format!("order-{}", kept.len());
        match journal.enter(record(&r#ref), None).await {
            Ok(_) => kept.push(format!("{ref} recorded")),
            Err(error) => break error,
        }
    };
    assert_says(&error, &["the disk is full", "free some space"]);
    say(&format!("full after {}", kept.len()));
    fs::remove_file(ballast).expect("room again");
    for more in 0..20 {
        let r#ref = format!("later-{more}");
        entered(&journal, record(&r#ref)).await;
        kept.push(format!("{ref} recorded"));
    }
    drop(journal);
    assert_kept(path, &kept).await;
    say("done");
}

/// On a real small disk, where the machine lets its users mount one.
#[cfg(target_os = "linux")]
#[test]
fn a_journal_goes_on_after_a_full_disk() {
    let folder = Folder::new();
    let mount = format!("mount -t tmpfs -o size=8m none '{}'", folder.0.display());
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
        command
    };
    let is_possible = unshare(&mount).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !is_possible {
        return;
    }
    let mut command = unshare(&format!(r#"{mount} && exec "$0" "$@""#));
    command.arg(std::env::current_exe().expect("this program"));
    instruct(&mut command, "fill", &folder.journal());
    let mut child = command.spawn().expect("a child");
    let told: Vec<String> = heard(&mut child).collect();
    assert!(child.wait().expect("an end").success());
    assert_eq!(told.last().map(String::as_str), Some("done"), "{told:?}");
}
