//! Running other programs, and what can go wrong with it.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, BufRead as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

pub(crate) type Outcome = Result<(), Failure>;

#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line was wrong.
    Usage(String),
    /// A program could not be started.
    Start { line: String, source: io::Error },
    /// A program ran and reported failure.
    Exit { line: String, status: ExitStatus },
    /// A file could not be read or written.
    File { path: PathBuf, source: io::Error },
    /// Something is missing; the text says what to do about it.
    Remedy(String),
    /// `tidy` found this many breaches, already printed.
    HouseRules(usize),
    /// These generated files differ from what the code says.
    Outdated(Vec<String>),
    /// These steps failed; each has already reported why.
    Steps(Vec<&'static str>),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Remedy(text) => f.write_str(text),
            Self::Start { line, source } => write!(f, "cannot start `{line}`: {source}"),
            Self::Exit { line, status } => write!(f, "`{line}` failed ({status})"),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::HouseRules(count) => write!(f, "{count} finding(s), listed above"),
            Self::Outdated(files) => write!(
                f,
                "generated files are out of date; run `cargo xtask gen` and commit:\n  {}",
                files.join("\n  ")
            ),
            Self::Steps(steps) => write!(f, "failed: {} (see above)", steps.join(", ")),
        }
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A program to run in the root of the repository, printed before it runs.
pub(crate) struct Run {
    command: Command,
    line: String,
    settings: String,
}

impl Run {
    pub(crate) fn new(program: &str) -> Self {
        let mut command = Command::new(program);
        command.current_dir(root());
        Self {
            command,
            line: program.to_owned(),
            settings: String::new(),
        }
    }

    /// Cargo, without the variables that `cargo run` set for xtask itself. Left in place, they
    /// would make build scripts that watch them (ring's does) run again after each plain `cargo`.
    pub(crate) fn cargo() -> Self {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(program);
        command.current_dir(root());
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(describes_a_package) {
                command.env_remove(name);
            }
        }
        Self {
            command,
            line: "cargo".to_owned(),
            settings: String::new(),
        }
    }

    pub(crate) fn arg(mut self, argument: &str) -> Self {
        self.line.push(' ');
        self.line.push_str(argument);
        self.command.arg(argument);
        self
    }

    /// An argument that is shown as `...`, because it holds a password.
    pub(crate) fn secret_arg(mut self, argument: &str) -> Self {
        self.line.push_str(" ...");
        self.command.arg(argument);
        self
    }

    /// Adds the words of `text`, separated by blanks.
    pub(crate) fn words(self, text: &str) -> Self {
        text.split_whitespace().fold(self, Self::arg)
    }

    pub(crate) fn args(self, arguments: &[String]) -> Self {
        arguments
            .iter()
            .fold(self, |run, argument| run.arg(argument))
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        use fmt::Write as _;
        // Writing to a string cannot fail; a secret never passes through here.
        let _written = write!(self.settings, "{name}={value} ");
        self.command.env(name, value);
        self
    }

    /// For values that do not belong on a screen, such as a database URL with its password.
    pub(crate) fn quiet_env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in another folder than the checkout, for programs that leave files where they run.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Whether the file of a [`workspace_program`] is there.
    pub(crate) fn is_built(&self) -> bool {
        Path::new(self.command.get_program()).is_file()
    }

    pub(crate) fn no_input(mut self) -> Self {
        self.command.stdin(Stdio::null());
        self
    }

    /// Runs to the end with our own standard streams.
    pub(crate) fn go(mut self) -> Outcome {
        eprintln!("$ {}{}", self.settings, self.line);
        let status = self
            .command
            .status()
            .map_err(|source| self.not_started(source))?;
        self.judge(status)
    }

    /// Runs to the end and gives back what the program printed on stdout.
    pub(crate) fn output(mut self) -> Result<String, Failure> {
        self.command.stderr(Stdio::inherit());
        let output = self
            .command
            .output()
            .map_err(|source| self.not_started(source))?;
        self.judge(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What the program printed, or nothing when it failed; its complaints are not shown.
    pub(crate) fn output_quietly(mut self) -> Option<String> {
        let output = self
            .command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs to the end, shows stdout as it comes, and gives it back.
    pub(crate) fn show_and_keep(mut self) -> Result<String, Failure> {
        eprintln!("$ {}{}", self.settings, self.line);
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| self.not_started(source))?;
        let mut kept = String::new();
        if let Some(stdout) = child.stdout.take() {
            for line in io::BufReader::new(stdout).lines() {
                let line = line.map_err(|source| self.not_started(source))?;
                println!("{line}");
                kept.push_str(&line);
                kept.push('\n');
            }
        }
        let status = child.wait().map_err(|source| self.not_started(source))?;
        self.judge(status)?;
        Ok(kept)
    }

    /// Whether the program can be started and succeeds; it prints nothing.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.command.status().is_ok_and(|status| status.success())
    }

    /// Becomes the program, so that Ctrl-C reaches it alone and it can take its leave.
    pub(crate) fn become_it(mut self) -> Failure {
        use std::os::unix::process::CommandExt as _;
        eprintln!("$ {}{}", self.settings, self.line);
        let source = self.command.exec();
        self.not_started(source)
    }

    fn not_started(&self, source: io::Error) -> Failure {
        Failure::Start {
            line: self.line.clone(),
            source,
        }
    }

    fn judge(self, status: ExitStatus) -> Outcome {
        if status.success() {
            Ok(())
        } else {
            Err(Failure::Exit {
                line: self.line,
                status,
            })
        }
    }
}

fn describes_a_package(name: &str) -> bool {
    const EXACT: [&str; 6] = [
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_MANIFEST_LINKS",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
    ];
    name.starts_with("CARGO_PKG_") || EXACT.contains(&name)
}

/// A file somewhere on PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// A program of the workspace, built for the whole workspace and run.
///
/// `cargo run -p NAME` would compile it again with that package's own choice of dependency
/// features; the workspace build shares its artefacts with the tests.
pub(crate) fn workspace_program(name: &str) -> Result<Run, Failure> {
    Ok(Run::new(&workspace_path(name)?.to_string_lossy()))
}

/// Where that program is.
pub(crate) fn workspace_path(name: &str) -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().map_err(|source| Failure::Start {
        line: name.to_owned(),
        source,
    })?;
    Ok(own.with_file_name(name))
}

pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|source| Failure::File {
        path: path.to_owned(),
        source,
    })
}

pub(crate) fn write(path: &Path, text: &str) -> Outcome {
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|source| Failure::File {
            path: path.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_cargo_run_are_told_from_the_users_settings() {
        assert!(describes_a_package("CARGO_PKG_NAME"));
        assert!(describes_a_package("CARGO_MANIFEST_DIR"));
        assert!(!describes_a_package("CARGO_HOME"));
        assert!(!describes_a_package("CARGO_TARGET_DIR"));
    }

    #[test]
    fn a_failing_program_names_its_command_line() {
        let failure = Run::new("false").arg("x").go().unwrap_err();
        assert!(
            failure.to_string().starts_with("`false x` failed"),
            "{failure}"
        );
    }

    #[test]
    fn a_missing_program_is_not_a_success() {
        assert!(!Run::new("no-such-program-anywhere").succeeds());
        assert!(Run::new("true").succeeds());
    }
}
