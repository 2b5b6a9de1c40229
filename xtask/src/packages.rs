//! Installing Debian packages: with which rights, and without surprises.

use crate::setup::Consent;
use crate::shell::{self, Failure, Outcome, Run};
use std::path::Path;

/// Debian's server package makes and starts a cluster for the whole machine, unless this file,
/// written before its first installation, says otherwise. Bursar runs a cluster of its own.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

/// Rights to install packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privilege {
    Root,
    /// sudo that asks for nothing.
    SilentSudo,
    /// sudo that may ask for a password.
    AskingSudo,
}

impl Privilege {
    /// The rights that may be used here, or none. CI counts as consent but gives no rights.
    pub(crate) fn find(consent: Consent) -> Option<Self> {
        shell::on_path("apt-get")?;
        let user = Run::new("id").arg("-u").output().ok()?;
        if user.trim() == "0" {
            return Some(Self::Root);
        }
        shell::on_path("sudo")?;
        if Run::new("sudo").words("-n true").succeeds() {
            return Some(Self::SilentSudo);
        }
        let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        (consent == Consent::Asked && !in_ci).then_some(Self::AskingSudo)
    }

    fn run(self, program: &str) -> Run {
        match self {
            Self::Root => Run::new(program),
            Self::SilentSudo => Run::new("sudo").arg("-n").arg(program),
            Self::AskingSudo => Run::new("sudo").arg(program),
        }
    }

    /// apt-get that asks nothing, leaves changed settings alone and waits for a busy dpkg.
    fn apt_get(self) -> Run {
        // A run level of 1 keeps packages from starting a service for the whole machine.
        self.run("env")
            .words("DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q -y")
            .words("-o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold")
    }
}

/// The command that root would type for the same effect.
pub(crate) fn command_line(packages: &[&str]) -> String {
    format!(
        "apt-get update && apt-get install -y {}",
        packages.join(" ")
    )
}

pub(crate) fn install(packages: &[&str], privilege: Privilege) -> Outcome {
    if packages.contains(&"postgresql") {
        keep_debian_from_making_a_cluster(privilege)?;
    }
    let mut refreshed = false;
    if !packages.iter().all(|package| is_known(package)) {
        refresh(privilege)?;
        refreshed = true;
    }
    match fetch(packages, privilege) {
        // Lists that are too old point to files that the mirrors no longer have.
        Err(Failure::Exit { .. }) if !refreshed => {
            refresh(privilege)?;
            fetch(packages, privilege)
        }
        other => other,
    }
}

fn refresh(privilege: Privilege) -> Outcome {
    privilege
        .apt_get()
        .arg("update")
        .no_input_unless(privilege)
        .go()
}

fn fetch(packages: &[&str], privilege: Privilege) -> Outcome {
    let run = privilege.apt_get().words("install --no-install-recommends");
    packages
        .iter()
        .fold(run, |run, package| run.arg(package))
        .no_input_unless(privilege)
        .go()
}

impl Run {
    /// Closes stdin, except where sudo may need it for a password.
    fn no_input_unless(self, privilege: Privilege) -> Self {
        if privilege == Privilege::AskingSudo {
            self
        } else {
            self.no_input()
        }
    }
}

/// Whether the package lists on this machine offer the package.
fn is_known(package: &str) -> bool {
    Run::new("apt-cache")
        .words("--quiet policy")
        .arg(package)
        .output()
        .is_ok_and(|text| {
            text.lines().any(|line| {
                line.trim()
                    .strip_prefix("Candidate:")
                    .is_some_and(|version| version.trim() != "(none)")
            })
        })
}

fn keep_debian_from_making_a_cluster(privilege: Privilege) -> Outcome {
    let configured = Run::new("dpkg-query")
        .arg("-W")
        .arg("-f=${db:Status-Status}")
        .arg("postgresql-common")
        .output_quietly()
        .is_some_and(|status| status.trim() == "installed");
    // Whoever configured it before decides what it does.
    if configured || Path::new(CLUSTER_SETTINGS).exists() {
        return Ok(());
    }
    let script = format!(
        "mkdir -p /etc/postgresql-common && \
         echo 'create_main_cluster = false' > {CLUSTER_SETTINGS} && \
         chmod 644 {CLUSTER_SETTINGS}"
    );
    privilege.run("sh").arg("-c").arg(&script).go()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_for_a_person_refreshes_the_lists_first() {
        assert_eq!(
            command_line(&["postgresql", "chromium"]),
            "apt-get update && apt-get install -y postgresql chromium"
        );
    }

    #[test]
    fn a_package_that_no_list_offers_is_unknown() {
        assert!(!is_known("no-such-package-in-any-list"));
    }
}
