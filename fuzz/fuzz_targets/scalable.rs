#![no_main]

use libfuzzer_sys::fuzz_target;
use statements::Format;

fuzz_target!(|bytes: &[u8]| fuzz::read_as(bytes, Format::Scalable));
