//! Proves the money rules: `money run` drives several `money worker` processes on one journal through faults and
//! kills, and compares the journal with the service's books. Prints one JSON line; ends with 0 when every promise was
//! kept.

use std::process::ExitCode;
use std::time::Duration;

use oneclickdz_tests::money::run::{Plan, run};
use oneclickdz_tests::money::worker;

const USAGE: &str =
    "money run [--orders 10000] [--processes 4] [--kills 20] [--seed N] [--speed 60] [--callers 32] \
     [--patience SECONDS] [--quick]
money worker    (reads its task on standard input; started by `money run`)";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("worker") => worker::main(),
        Some("run") => match plan(arguments) {
            Ok(plan) => drive(&plan),
            Err(reason) => refuse(&reason),
        },
        _ => refuse("give a sub-command"),
    }
}

fn refuse(reason: &str) -> ExitCode {
    eprintln!("money: {reason}\n{USAGE}");
    ExitCode::from(2)
}

fn plan(mut arguments: impl Iterator<Item = String>) -> Result<Plan, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut plan = Plan {
        program,
        orders: 10_000,
        processes: 4,
        kills: 20,
        seed: 1,
        speed: 60,
        callers: 32,
        patience: Duration::from_secs(900),
    };
    while let Some(name) = arguments.next() {
        if name == "--quick" {
            (plan.orders, plan.kills) = (1000, 6);
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{name} needs a number"))?;
        let number: u64 = value.parse().map_err(|_| format!("{name}: {value} is not a number"))?;
        match name.as_str() {
            "--orders" => plan.orders = number as usize,
            "--processes" => plan.processes = number.max(1) as usize,
            "--kills" => plan.kills = number as usize,
            "--seed" => plan.seed = number,
            "--speed" => plan.speed = number.clamp(1, 1000) as u32,
            "--callers" => plan.callers = number.max(1) as usize,
            "--patience" => plan.patience = Duration::from_secs(number),
            _ => return Err(format!("{name} is unknown")),
        }
    }
    Ok(plan)
}

fn drive(plan: &Plan) -> ExitCode {
    let ran = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(run(plan)));
    match ran {
        Ok(report) => {
            println!("{}", serde_json::to_string(&report).unwrap_or_default());
            if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("money: {error}");
            ExitCode::from(2)
        }
    }
}
