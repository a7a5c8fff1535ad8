//! What Linux says of a process: CPU time, resident memory. Speaks to /proc alone.
//! All threads of the process count, its children do not.

use std::io;

/// `USER_HZ`, the unit of /proc/PID/stat: 100 a second on every architecture Rust's Linux targets
/// share.
const TICKS_PER_SECOND: u64 = 100;
const NS_PER_TICK: u64 = 1_000_000_000 / TICKS_PER_SECOND;
const BYTES_PER_KB: u64 = 1024;
/// Fields of /proc/PID/stat behind the command's closing parenthesis, from 0.
const UTIME: usize = 11;
const STIME: usize = 12;

/// User and system time the process has used, in ns, to 10 ms.
pub fn cpu_ns(pid: u32) -> io::Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    parse_cpu_ns(&stat).ok_or_else(|| unreadable(pid, "stat"))
}

/// The same for this process.
pub fn own_cpu_ns() -> io::Result<u64> {
    cpu_ns(std::process::id())
}

/// Resident memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// `VmRSS` of /proc/PID/status.
    pub rss_bytes: u64,
    /// `Private_Dirty` of /proc/PID/smaps_rollup: what nobody else shares. `None` if the
    /// process belongs to somebody else.
    pub private_bytes: Option<u64>,
}

/// The process's memory now.
pub fn memory(pid: u32) -> io::Result<Memory> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let rss_bytes = field_bytes(&status, "VmRSS:").ok_or_else(|| unreadable(pid, "status"))?;
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok();
    let private_bytes = rollup.and_then(|rollup| field_bytes(&rollup, "Private_Dirty:"));
    Ok(Memory { rss_bytes, private_bytes })
}

fn parse_cpu_ns(stat: &str) -> Option<u64> {
    // The command may hold spaces and parentheses: count from the last one.
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = |index| fields.split(' ').nth(index)?.parse::<u64>().ok();
    Some((ticks(UTIME)? + ticks(STIME)?) * NS_PER_TICK)
}

fn field_bytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kb: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kb * BYTES_PER_KB)
}

fn unreadable(pid: u32, file: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("/proc/{pid}/{file} reads otherwise"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticks_are_found_behind_any_command() {
        let stat = "17 (a b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 7 8 20 0 4 0";
        assert_eq!(parse_cpu_ns(stat), Some(3_000_000_000));
        assert_eq!(parse_cpu_ns("17 (a"), None);
    }

    #[test]
    fn kilobytes_are_bytes() {
        let status = "Name:\tx\nVmRSS:\t   12 kB\nThreads:\t1\n";
        assert_eq!(field_bytes(status, "VmRSS:"), Some(12 * 1024));
        assert_eq!(field_bytes(status, "Threads:"), None);
    }

    #[test]
    fn this_process_can_be_read() {
        let mut sum = 0u64;
        let before = own_cpu_ns().expect("own stat");
        while own_cpu_ns().expect("own stat") < before + NS_PER_TICK {
            sum = sum.wrapping_add(1);
        }
        assert!(sum > 0);
        assert!(memory(std::process::id()).expect("own status").rss_bytes > 100_000);
    }
}
