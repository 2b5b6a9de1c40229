//! Random streams by name.

/// Chosen once, by looking at charts: another salt is another world.
const SALT: u64 = 0x0b5a_2019_0101_000b;

/// A sequence of pseudo-random numbers that depends on its name alone, so that one instrument more
/// or less never changes the prices of the others.
///
/// The generator is SplitMix64 (Steele, Lea and Flood 2014): a Weyl sequence whose values are
/// scrambled by a bijection. It passes the usual batteries, which is plenty for a picture.
#[derive(Clone, Debug)]
pub(super) struct Stream(u64);

impl Stream {
    pub(super) fn named(name: &str) -> Self {
        // FNV-1a spreads the names; the first draw scrambles them.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(hash ^ SALT)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Evenly spread in [0, 1), in steps of 2^-53.
    pub(super) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Nearly normal with mean 0 and variance 1: the standardised sum of eight 16-bit uniforms
    /// (Irwin-Hall). Unlike the transform of Box and Muller it needs no logarithm and no cosine,
    /// whose last digits differ between platforms. Its excess kurtosis is -0.15; the heavy tails of
    /// the prices come from the volatility that changes in time.
    pub(super) fn normal(&mut self) -> f64 {
        const MEAN: f64 = 8.0 * 65_535.0 / 2.0;
        const VARIANCE: f64 = 8.0 * (65_536.0 * 65_536.0 - 1.0) / 12.0;
        let (left, right) = (self.bits(), self.bits());
        let sum: u64 = (0..4)
            .map(|part| ((left >> (16 * part)) & 0xffff) + ((right >> (16 * part)) & 0xffff))
            .sum();
        (sum as f64 - MEAN) / VARIANCE.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_its_name_alone() {
        let draws = |name| {
            let mut stream = Stream::named(name);
            [stream.bits(), stream.bits()]
        };
        assert_eq!(draws("market"), draws("market"));
        assert_ne!(draws("market"), draws("markeu"));
    }

    #[test]
    fn normals_have_the_moments_of_normals() {
        const DRAWS: i32 = 20_000;
        let mut stream = Stream::named("moments");
        let (mut sum, mut squares, mut beyond_two) = (0.0, 0.0, 0);
        for _ in 0..DRAWS {
            let draw = stream.normal();
            sum += draw;
            squares += draw * draw;
            beyond_two += i32::from(draw.abs() > 2.0);
        }
        let count = f64::from(DRAWS);
        assert!((sum / count).abs() < 0.03);
        assert!((squares / count - 1.0).abs() < 0.04);
        let tail = f64::from(beyond_two) / count;
        assert!(
            (0.04..0.05).contains(&tail),
            "4.55 % of normals lie beyond two: {tail}"
        );
    }
}
