//! The ring by itself: each socket takes what it would have taken of a plain send.
//!
//! Where the kernel refuses a ring, no socket takes anything, and that is all that is asked here.

use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use super::super::ring::{self, Shot};
use crate::limits;

fn pairs(count: usize) -> Vec<(UnixStream, UnixStream)> {
    (0..count).map(|_| UnixStream::pair().expect("two ends")).collect()
}

fn shots<'a>(pairs: &'a [(UnixStream, UnixStream)], bytes: &'a [u8]) -> Vec<Shot<'a>> {
    let shot = |(place, (near, _)): (usize, &'a (UnixStream, UnixStream))| Shot {
        place,
        socket: near.as_fd(),
        bytes,
    };
    pairs.iter().enumerate().map(shot).collect()
}

/// What is said where there is a ring, and where there is none.
fn as_far_as_possible(taken: usize) -> usize {
    if ring::is_there() { taken } else { 0 }
}

#[test]
fn more_sockets_than_one_volley_has_take_everything() {
    let pairs = pairs(limits::VOLLEY_MAX * 2 + 1);
    let mut taken = vec![0; pairs.len()];
    ring::send_all(&shots(&pairs, b"words"), &mut taken);
    assert_eq!(taken, vec![as_far_as_possible(5); pairs.len()]);
    for (near, mut far) in pairs {
        drop(near);
        let mut read = Vec::new();
        far.read_to_end(&mut read).expect("an end");
        assert_eq!(read.len(), as_far_as_possible(5));
    }
}

#[test]
fn a_full_socket_takes_a_part_and_then_nothing_and_holds_nobody_up() {
    let pairs = pairs(3);
    let large = vec![7; 8 * 1024 * 1024];
    let mut taken = vec![0; pairs.len()];
    ring::send_all(&shots(&pairs[..1], &large), &mut taken);
    assert!(taken[0] < large.len(), "nobody reads");
    assert_eq!(taken[0] > 0, ring::is_there());
    ring::send_all(&shots(&pairs, b"words"), &mut taken);
    assert_eq!(taken, [0, 5, 5].map(as_far_as_possible));
}

#[test]
fn a_socket_whose_other_end_has_gone_takes_nothing() {
    let mut pairs = pairs(2);
    pairs[0].1 = UnixStream::pair().expect("two ends").0;
    let mut taken = vec![0; pairs.len()];
    ring::send_all(&shots(&pairs, b"words"), &mut taken);
    assert_eq!(taken, [0, 5].map(as_far_as_possible));
}

#[test]
fn a_thread_without_a_ring_sends_nothing() {
    ring::refuse();
    assert!(!ring::is_there());
    let pairs = pairs(2);
    let mut taken = vec![0; pairs.len()];
    ring::send_all(&shots(&pairs, b"words"), &mut taken);
    assert_eq!(taken, [0, 0]);
}
