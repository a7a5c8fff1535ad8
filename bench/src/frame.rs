//! WebSocket frames (RFC 6455) as a client needs them: what it sends is masked with the zero
//! key, so that masking costs nothing; what it reads is parsed where it lies.
//! Pure: bytes in, frames out. `client::websocket` moves the bytes.

/// The largest frame that is accepted from a server: no event is anywhere near it.
pub const FRAME_MAX_BYTES: u64 = 16 * 1024 * 1024;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
const LENGTH_BITS: u8 = 0x7f;
const LENGTH_IS_U16: u8 = 126;
const LENGTH_IS_U64: u8 = 127;
const ZERO_KEY: [u8; 4] = [0; 4];

/// What a frame carries (RFC 6455, 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    /// UTF-8 text: every Engine.IO packet but binary ones.
    Text = 1,
    /// Bytes: an attachment.
    Binary = 2,
    /// The end, with an optional code.
    Close = 8,
    /// Asks for a pong.
    Ping = 9,
    /// Answers a ping.
    Pong = 10,
}

/// One frame from the server; the payload borrows the read buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it carries.
    pub opcode: Opcode,
    /// The payload, unmasked as servers send it.
    pub payload: &'a [u8],
}

/// Why bytes are no frame that a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Servers must not mask (5.1).
    Masked,
    /// Over [`FRAME_MAX_BYTES`].
    TooLarge(u64),
    /// Fragmented, or a reserved opcode or bit: Socket.IO servers send none of these.
    Unsupported(u8),
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Masked => write!(out, "the server masked a frame"),
            Self::TooLarge(bytes) => write!(out, "a frame of {bytes} bytes"),
            Self::Unsupported(head) => write!(out, "an unsupported frame head {head:#04x}"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Appends one whole masked frame to `out`.
pub fn seal(opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    out.reserve(payload.len() + 14);
    out.push(FIN | opcode as u8);
    match payload.len() {
        len @ 0..126 => out.push(MASKED | len as u8),
        len @ 126..=0xffff => {
            out.push(MASKED | LENGTH_IS_U16);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            out.push(MASKED | LENGTH_IS_U64);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&ZERO_KEY);
    out.extend_from_slice(payload);
}

/// The first frame in `bytes` and the bytes it took, or `None` if more must be read first.
pub fn parse(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>, FrameError> {
    let [head, second, ..] = *bytes else {
        return Ok(None);
    };
    let opcode = opcode_of(head)?;
    if second & MASKED != 0 {
        return Err(FrameError::Masked);
    }
    let Some((length, start)) = length_of(second & LENGTH_BITS, bytes) else {
        return Ok(None);
    };
    if length > FRAME_MAX_BYTES {
        return Err(FrameError::TooLarge(length));
    }
    let end = start + length as usize;
    match bytes.get(start..end) {
        Some(payload) => Ok(Some((Frame { opcode, payload }, end))),
        None => Ok(None),
    }
}

fn opcode_of(head: u8) -> Result<Opcode, FrameError> {
    match head {
        0x81 => Ok(Opcode::Text),
        0x82 => Ok(Opcode::Binary),
        0x88 => Ok(Opcode::Close),
        0x89 => Ok(Opcode::Ping),
        0x8a => Ok(Opcode::Pong),
        other => Err(FrameError::Unsupported(other)),
    }
}

/// The payload's length and where it starts, or `None` while the header is incomplete.
fn length_of(short: u8, bytes: &[u8]) -> Option<(u64, usize)> {
    match short {
        LENGTH_IS_U16 => {
            let long = bytes.get(2..4)?.try_into().ok()?;
            Some((u64::from(u16::from_be_bytes(long)), 4))
        }
        LENGTH_IS_U64 => Some((u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10)),
        short => Some((u64::from(short), 2)),
    }
}

/// Cuts a stream of reads into frames; keeps only what a read left unfinished.
#[derive(Debug, Default)]
pub struct Assembler {
    carry: Vec<u8>,
}

impl Assembler {
    /// Calls `visit` for every frame that `bytes` completes, in order.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        mut visit: impl FnMut(Frame<'_>),
    ) -> Result<(), FrameError> {
        if self.carry.is_empty() {
            let used = visit_all(bytes, &mut visit)?;
            self.carry.extend_from_slice(&bytes[used..]);
            return Ok(());
        }
        self.carry.extend_from_slice(bytes);
        let used = visit_all(&self.carry, &mut visit)?;
        match used == self.carry.len() {
            // An idle connection owns no buffer.
            true => self.carry = Vec::new(),
            false => drop(self.carry.drain(..used)),
        }
        Ok(())
    }
}

fn visit_all(bytes: &[u8], visit: &mut impl FnMut(Frame<'_>)) -> Result<usize, FrameError> {
    let mut used = 0;
    while let Some((frame, took)) = parse(&bytes[used..])? {
        visit(frame);
        used += took;
    }
    Ok(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_server(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let mut masked = Vec::new();
        seal(Opcode::Text, payload, &mut masked);
        let header = masked.len() - payload.len() - 4;
        masked[0] = FIN | opcode;
        masked[1] &= LENGTH_BITS;
        masked.drain(header..header + 4);
        masked
    }

    #[test]
    fn lengths_take_the_three_encodings() {
        for (len, header) in [(0, 6), (125, 6), (126, 8), (0xffff, 8), (0x1_0000, 14)] {
            let payload = vec![b'a'; len];
            let mut out = Vec::new();
            seal(Opcode::Text, &payload, &mut out);
            assert_eq!(out.len(), header + len);
            assert_eq!(out[1] & MASKED, MASKED);
            assert_eq!(out[header - 4..header], ZERO_KEY);
            let bytes = from_server(1, &payload);
            let (frame, took) = parse(&bytes).expect("valid").expect("whole");
            assert_eq!((frame.opcode, frame.payload.len(), took), (Opcode::Text, len, bytes.len()));
        }
    }

    #[test]
    fn an_incomplete_frame_waits() {
        let bytes = from_server(1, &[b'a'; 300]);
        for cut in 0..bytes.len() {
            assert_eq!(parse(&bytes[..cut]), Ok(None), "cut at {cut}");
        }
    }

    #[test]
    fn what_no_server_sends_is_refused() {
        let mut masked = Vec::new();
        seal(Opcode::Text, b"hi", &mut masked);
        assert_eq!(parse(&masked), Err(FrameError::Masked));
        assert_eq!(parse(&[0x01, 0x01, b'a']), Err(FrameError::Unsupported(0x01)));
        assert_eq!(parse(&[0xc1, 0x01, b'a']), Err(FrameError::Unsupported(0xc1)));
        let mut huge = vec![0x81, 127];
        huge.extend_from_slice(&(FRAME_MAX_BYTES + 1).to_be_bytes());
        assert_eq!(parse(&huge), Err(FrameError::TooLarge(FRAME_MAX_BYTES + 1)));
    }

    #[test]
    fn every_way_to_cut_a_stream_gives_the_same_frames() {
        let mut stream = from_server(1, b"42[\"a\"]");
        stream.extend(from_server(9, b"ping"));
        stream.extend(from_server(1, &[b'x'; 200]));
        for size in 1..=stream.len() {
            let mut assembler = Assembler::default();
            let mut seen = Vec::new();
            for chunk in stream.chunks(size) {
                let visit = |frame: Frame<'_>| seen.push((frame.opcode, frame.payload.to_vec()));
                assembler.feed(chunk, visit).expect("valid");
            }
            assert_eq!(seen.len(), 3, "chunks of {size}");
            assert_eq!(seen[0], (Opcode::Text, b"42[\"a\"]".to_vec()));
            assert_eq!(seen[1], (Opcode::Ping, b"ping".to_vec()));
            assert_eq!(seen[2], (Opcode::Text, vec![b'x'; 200]));
            assert!(assembler.carry.is_empty());
        }
    }
}
