//! What is asked of the machine: CPU time, memory and cores.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The CPU time of this process so far, user and system, of all its threads.
pub(crate) fn cpu_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(spent.tv_sec.unsigned_abs(), spent.tv_nsec.unsigned_abs() as u32)
}

/// The most memory that this process has had at once, in bytes; nothing where the system does not tell.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Two cores that this process may use.
#[cfg(target_os = "linux")]
pub(crate) fn two_cores() -> Option<(usize, usize)> {
    use rustix::thread::{CpuSet, sched_getaffinity};

    let allowed = sched_getaffinity(None).ok()?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    Some((cores.next()?, cores.next()?))
}

/// Keeps this thread, and those it starts from now on, on one core. Says whether that worked.
#[cfg(target_os = "linux")]
pub(crate) fn stay_on(core: usize) -> bool {
    use rustix::thread::{CpuSet, sched_setaffinity};

    let mut only = CpuSet::new();
    only.set(core);
    sched_setaffinity(None, &only).is_ok()
}

/// Other systems schedule as they like.
#[cfg(not(target_os = "linux"))]
pub(crate) fn two_cores() -> Option<(usize, usize)> {
    None
}

/// Other systems schedule as they like.
#[cfg(not(target_os = "linux"))]
pub(crate) fn stay_on(_core: usize) -> bool {
    false
}
