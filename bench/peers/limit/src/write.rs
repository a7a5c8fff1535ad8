//! What the server says: at the end of a turn everything waiting is written, as the mode has it.

use std::os::fd::{AsRawFd, RawFd};

use rustix::event::epoll::{self, EventData, EventFlags};

use crate::member::Gone;
use crate::server::{Mode, Server};

impl Server {
    /// The end of a turn: all that is to be said is written.
    pub(crate) fn flush(&mut self) {
        let (told, answered) = (std::mem::take(&mut self.told), std::mem::take(&mut self.answered));
        if let Mode::Uring(_) = self.mode {
            return self.flush_ring(&told, &answered);
        }
        told.iter().for_each(|room| self.tell(*room));
        for number in answered {
            if let Some(member) = self.members[number].as_mut() {
                let answers = std::mem::take(&mut member.answers);
                self.send(number, &answers);
            }
        }
    }

    /// Writes what a room has to say to all of its members.
    pub(crate) fn tell(&mut self, room: usize) {
        let pending = std::mem::take(&mut self.rooms[room].pending);
        let mut place = 0;
        // Whoever is gone leaves the room meanwhile, and the last one takes the place.
        while let Some(&number) = self.rooms[room].members.get(place) {
            self.send(number, &pending);
            place += usize::from(self.members[number].is_some());
        }
        self.rooms[room].pending = pending;
        self.rooms[room].pending.clear();
    }

    fn send(&mut self, number: usize, bytes: &[u8]) {
        match self.members[number].as_mut().map(|member| member.send(bytes)) {
            Some(Ok(true)) => self.watch(number, EventFlags::IN | EventFlags::OUT),
            Some(Err(Gone)) => self.part(number),
            _ => {}
        }
    }

    /// The same for all rooms and members at once.
    fn flush_ring(&mut self, told: &[usize], answered: &[usize]) {
        let rooms = told.iter().flat_map(|room| {
            let room = &self.rooms[*room];
            room.members.iter().map(|number| (*number, room.pending.as_slice()))
        });
        let member = |number: usize| self.members[number].as_ref();
        let answers = answered
            .iter()
            .filter_map(|number| Some((*number, member(*number)?.answers.as_slice())));
        let lines: Vec<(usize, &[u8])> = rooms.chain(answers).collect();
        let mut late: Vec<(usize, Vec<u8>)> = Vec::new();
        let mut sends: Vec<(RawFd, &[u8])> = Vec::with_capacity(lines.len());
        let mut numbers = Vec::with_capacity(lines.len());
        for (number, bytes) in lines {
            match member(number) {
                Some(member) if !member.is_behind() => {
                    sends.push((member.stream.as_raw_fd(), bytes));
                    numbers.push(number);
                }
                _ => late.push((number, bytes.to_vec())),
            }
        }
        let Mode::Uring(ring) = &mut self.mode else { return };
        let mut taken = Vec::new();
        ring.send_all(&sends, &mut taken);
        for ((number, (_, bytes)), taken) in numbers.into_iter().zip(&sends).zip(taken) {
            let taken = usize::try_from(taken).unwrap_or(0);
            if taken < bytes.len() {
                late.push((number, bytes[taken..].to_vec()));
            }
        }
        told.iter().for_each(|room| self.rooms[*room].pending.clear());
        for number in answered {
            if let Some(member) = self.members[*number].as_mut() {
                member.answers = Vec::new();
            }
        }
        for (number, rest) in late {
            match self.members[number].as_mut().map(|member| member.keep(&rest)) {
                Some(Ok(true)) => self.watch(number, EventFlags::IN | EventFlags::OUT),
                Some(Err(Gone)) => self.part(number),
                _ => {}
            }
        }
    }

    pub(crate) fn watch(&mut self, number: usize, flags: EventFlags) {
        let Some(member) = self.members[number].as_ref() else { return };
        let watched =
            epoll::modify(&self.epoll, &member.stream, EventData::new_u64(number as u64), flags);
        if watched.is_err() {
            self.part(number);
        }
    }

    /// Takes a member out; closing the socket takes it out of the epoll as well.
    pub(crate) fn part(&mut self, number: usize) {
        if self.members[number].take().is_some() {
            self.vacant.push(number);
        }
        for room in &mut self.rooms {
            if let Some(place) = room.members.iter().position(|member| *member == number) {
                room.members.swap_remove(place);
            }
        }
    }
}
