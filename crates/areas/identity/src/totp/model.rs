use jiff::Timestamp;
use totp_rs::{Builder, Totp, TotpError};

/// Shown in the app above the codes.
const ISSUER: &str = "Bursar";
/// Steps before and after the current one that are accepted: clocks differ.
const TOLERANCE: u16 = 1;
/// Bytes of a secret, as RFC 4226 recommends.
pub(super) const SECRET_BYTES: usize = 20;

/// What the person brings into the app.
#[derive(Clone)]
pub(crate) struct Enrolment {
    /// A picture of the address, as PNG in base64.
    pub(crate) qr: String,
    /// For apps without a camera, in groups of four.
    pub(crate) secret: String,
}

/// The generator of a secret. Colons separate issuer and account in the address that the app reads.
pub(super) fn totp(secret: &[u8], email: &str) -> Result<Totp, TotpError> {
    Builder::new()
        .with_secret(secret)
        .with_skew(TOLERANCE)
        .with_issuer(Some(ISSUER))
        .with_account_name(email.replace(':', "."))
        .build()
}

impl Enrolment {
    pub(super) fn of(totp: &Totp) -> Result<Self, TotpError> {
        let secret: Vec<char> = totp.secret().to_base32().chars().collect();
        let groups: Vec<String> = secret
            .chunks(4)
            .map(|group| group.iter().collect())
            .collect();
        Ok(Self {
            qr: totp.to_qr_base64()?,
            secret: groups.join(" "),
        })
    }
}

/// The time step of a code that is right now, if it is newer than the last one that was accepted.
pub(super) fn matching_step(totp: &Totp, code: &str, now: Timestamp, last: i64) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.as_second()).ok()?;
    let step = i64::try_from(totp.check(&digits, seconds)?).ok()?;
    (step > last).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("instant")
    }

    /// The secret and times of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let totp = totp(SECRET, "ann@example.org").expect("totp");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let step = matching_step(&totp, code, at(seconds), 0);
            assert_eq!(step, Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_works_around_its_time_and_once() {
        let totp = totp(SECRET, "ann@example.org").expect("totp");
        for (seconds, works) in [
            (29, true),
            (59, true),
            (89, true),
            (90, false),
            (119, false),
        ] {
            let step = matching_step(&totp, "287 082", at(seconds), 0);
            assert_eq!(step.is_some(), works, "at {seconds}");
        }
        assert_eq!(
            matching_step(&totp, "287082", at(59), 1),
            None,
            "its own step"
        );
        for wrong in ["", "28708", "2870823", "abcdef", "287083", "٢٨٧٠٨٢"] {
            assert_eq!(matching_step(&totp, wrong, at(59), 0), None, "{wrong}");
        }
    }

    #[test]
    fn the_address_names_issuer_and_account() {
        let totp = totp(SECRET, "a:b@example.org").expect("totp");
        let url = totp.to_url().expect("an address");
        assert!(url.starts_with("otpauth://totp/Bursar:a.b"), "{url}");
        let enrolment = Enrolment::of(&totp).expect("enrolment");
        assert_eq!(enrolment.secret, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert!(enrolment.qr.starts_with("iVBORw0KGgo"), "a PNG");
    }
}
