//! Mutations that can be had again: an input is a kept one and a seed.

/// Pieces that decoders look for.
const PIECES: [&[u8]; 44] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b",",
    b":",
    b"-",
    b"/",
    b"null",
    b"true",
    b"0",
    b"-1",
    b"1e999",
    b"9007199254740993",
    b"18446744073709551616",
    b"\\ud83d",
    b"\\ude00",
    b"\\u0000",
    b"\xed\xa0\xbd",
    b"\xff",
    b"\x1e",
    b"\n",
    b"\r\n",
    b" ",
    b"%",
    b"%ff",
    b"&",
    b"=",
    b"b",
    b"{\"_placeholder\":true,\"num\":0}",
    b"\"__proto__\":",
    b"[[[[[[[[",
    b"1.5",
    b"\"\"",
    b"\"room\":",
    b"\"content\":",
    b"\"id\":",
    b"\"userId\":",
    b"\"message\":",
    b"\"type\":",
    b"\xe2\x80\xa8",
    b"AAAAAAAAAAAAAAAA",
];
/// The longest input that is made, in bytes.
const INPUT_BYTES_MAX: usize = 4_096;
/// Changes made to one input at most.
const CHANGES_MAX: usize = 6;

/// Chance from a seed: SplitMix64.
pub struct Mutator(u64);

impl Mutator {
    /// One whose every choice follows from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Mutator {
        Mutator(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to that one, which must not be 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below a usize")
    }

    /// One of the inputs with some changes, of which some come from another one.
    pub fn input(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = corpus[self.below(corpus.len())].clone();
        let other = &corpus[self.below(corpus.len())];
        for _ in 0..=self.below(CHANGES_MAX) {
            self.change(&mut input, other);
        }
        input.truncate(INPUT_BYTES_MAX);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(input.len() + 1);
        let end = (at + self.below(16)).min(input.len());
        match self.below(7) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 => drop(input.drain(at..end)),
            2 => {
                let again = input[at..end].to_vec();
                drop(input.splice(at..at, again));
            }
            3 if !other.is_empty() => {
                let from = self.below(other.len());
                drop(input.splice(at.., other[from..].iter().copied()));
            }
            4 => {
                let many = 1 << self.below(9);
                let piece = PIECES[self.below(PIECES.len())];
                drop(input.splice(at..end, piece.repeat(many).into_iter().take(INPUT_BYTES_MAX)));
            }
            _ => {
                let piece = PIECES[self.below(PIECES.len())];
                drop(input.splice(at..end, piece.iter().copied()));
            }
        }
    }
}
