use jiff::Timestamp;
use serde::Serialize;

/// What a person has to prove who they are, beside the password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Factors {
    /// Since when codes of an authenticator app are asked for.
    pub(crate) totp_since: Option<Timestamp>,
    /// Whether an app is being set up.
    pub(crate) is_totp_pending: bool,
    pub(crate) passkeys: PasskeyCount,
    /// Recovery codes that were not used yet.
    pub(crate) codes_left: i64,
}

/// How many passkeys there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PasskeyCount {
    pub(crate) usable: i64,
    /// Refused because their counter went backwards.
    pub(crate) suspected: i64,
}

impl Factors {
    /// Whether the password alone does not sign in. A passkey under suspicion counts: it must not be
    /// possible to do away with the second step by copying a key.
    pub(crate) fn needs_second_step(self) -> bool {
        self.totp_since.is_some() || self.passkeys.usable + self.passkeys.suspected > 0
    }
}

/// What the operator took from an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RemovedFactors {
    /// Whether there was an authenticator app.
    pub authenticator_app: bool,
    /// Names of the passkeys.
    pub passkeys: Vec<String>,
    /// Recovery codes that were left.
    pub recovery_codes: i64,
    /// Sessions that ended.
    pub sessions: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_factor_asks_for_a_second_step() {
        let none = Factors::default();
        assert!(!none.needs_second_step());
        let pending = Factors {
            is_totp_pending: true,
            codes_left: 10,
            ..none
        };
        assert!(!pending.needs_second_step(), "an app that is not confirmed");
        let app = Factors {
            totp_since: Some(Timestamp::UNIX_EPOCH),
            ..none
        };
        assert!(app.needs_second_step());
        for (usable, suspected) in [(1, 0), (0, 1)] {
            let passkeys = PasskeyCount { usable, suspected };
            assert!(Factors { passkeys, ..none }.needs_second_step());
        }
    }
}
