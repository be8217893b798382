//! The Python environment that the vendor's client runs in: fetched once through `pip`, each file
//! checked against the hashes in `requirements/`, and kept below cargo's target directory for as
//! long as neither they nor the Python change.

use ring::digest::{SHA256, digest};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const BUILD: &str = include_str!("requirements/build.txt");
const SDK: &str = include_str!("requirements/sdk-3.2.0.txt");
const OTHER_SDK: &str = include_str!("requirements/sdk-4.0.0.txt");

/// Which of the vendor's releases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sdk {
    /// The newest contract.
    Newest,
    /// What an installation without a version gets.
    Unpinned,
}

impl Sdk {
    pub const fn version(self) -> &'static str {
        match self {
            Self::Newest => "3.2.0",
            Self::Unpinned => "4.0.0",
        }
    }
}

pub struct Environment(PathBuf);

/// Unpacks what is in a folder `tests`.
const UNPACK: &str = "
import sys, tarfile
with tarfile.open(sys.argv[1]) as sdist:
    sdist.extractall(sys.argv[2], [file for file in sdist if '/tests/' in file.name])
";

impl Environment {
    /// The one of this run. Where it can't be made, every test that asks for it fails and says why.
    pub fn get() -> &'static Self {
        static MADE: OnceLock<Result<Environment, String>> = OnceLock::new();
        let made = MADE.get_or_init(Self::find_or_make);
        made.as_ref().unwrap_or_else(|why| panic!("the vendor's client is missing: {why}"))
    }

    fn find_or_make() -> Result<Self, String> {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let whole = kept.join(format!("uqpay-{}", key()?));
        if !whole.exists() {
            // It gets its name in one step, so that what has the name is whole. Nothing in it that
            // is used here depends on the name.
            let fresh = kept.join(format!("uqpay-new-{}", std::process::id()));
            if let Err(why) = make(&fresh) {
                // What is left of it is of no use, and whether it goes changes nothing.
                let _ = std::fs::remove_dir_all(&fresh);
                return Err(why);
            }
            let named = std::fs::rename(&fresh, &whole);
            // Another run may have been faster.
            if !whole.exists() {
                return Err(format!("{} can't be named: {named:?}", fresh.display()));
            }
            if named.is_err() {
                std::fs::remove_dir_all(&fresh).map_err(|error| error.to_string())?;
            }
        }
        Ok(Self(whole))
    }

    /// Its Python, with one of the releases to import and nothing of the developer's own.
    pub fn python(&self, sdk: Sdk, also: &Path) -> Command {
        let mut command = Command::new(python_of(&self.0));
        crate::process::clean(&mut command);
        let other = self.0.join(Sdk::Unpinned.version());
        let path = match sdk {
            Sdk::Newest => vec![also.to_owned()],
            Sdk::Unpinned => vec![also.to_owned(), other],
        };
        command.env("PYTHONPATH", std::env::join_paths(path).expect("no colon in it"));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.env_remove("PYTHONHOME").env_remove("PYTEST_ADDOPTS").env_remove("PYTEST_PLUGINS");
        command
    }

    /// Puts the tests of the source release into a folder; answers where their folder is.
    pub fn unpack_tests(&self, into: &Path) -> PathBuf {
        let name = format!("uqpay-{}", Sdk::Newest.version());
        let sdist = self.0.join("fetched").join(format!("{name}.tar.gz"));
        let mut python = Command::new(python_of(&self.0));
        python.args(["-I", "-c", UNPACK]).arg(sdist).arg(into);
        run(&mut python).expect("the source release can be unpacked");
        into.join(name)
    }
}

fn python_of(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

/// What an environment belongs to: the requirements, and the Python that it was made with.
fn key() -> Result<String, String> {
    let mut python = Command::new("python3");
    let about = run(python.args(["-I", "-c", "import sys; print(sys.version, sys.base_prefix)"]))?;
    let all = digest(&SHA256, [BUILD, SDK, OTHER_SDK, UNPACK, &about].concat().as_bytes());
    Ok(all.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

/// Packages that come as source are built with what was fetched and checked before, not with what
/// `pip` would fetch for that unchecked.
fn make(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| error.to_string())?;
    }
    run(Command::new("python3").args(["-I", "-m", "venv"]).arg(folder))?;
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/uqpay/requirements");
    let (build, sdk) = (requirements.join("build.txt"), requirements.join("sdk-3.2.0.txt"));
    let (fetched, other) = (folder.join("fetched"), requirements.join("sdk-4.0.0.txt"));
    let pip = |verb: &str, options: &[&str]| {
        let mut command = Command::new(python_of(folder));
        command.args(["-I", "-m", "pip", "--quiet", "--disable-pip-version-check"]);
        command.args([verb, "--require-hashes"]).args(options);
        command
    };
    let from_source = ["--no-build-isolation", "--use-pep517"];
    run(pip("install", &["--only-binary", ":all:", "-r"]).arg(&build))?;
    run(pip("download", &["-d"]).arg(&fetched).args(from_source).arg("-r").arg(&sdk))?;
    let mut install = pip("install", &["--no-index", "--find-links"]);
    run(install.arg(&fetched).args(from_source).arg("-r").arg(&sdk))?;
    let place = folder.join(Sdk::Unpinned.version());
    run(pip("install", &["--no-deps", "--target"]).arg(place).arg("-r").arg(&other)).map(drop)
}

/// What a command printed, or what it was and what it said instead.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{command:?} ended with {}:\n{}", output.status, crate::process::said(&output)))
}
