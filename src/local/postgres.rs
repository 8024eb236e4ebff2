//! A private PostgreSQL cluster: a socket in a folder of its own and the loopback, a password nobody else knows.

use super::child::Child;
use super::{LocalError, START, failed, free_port, tools};
use crate::ambient;
use rustix::process::{Signal, geteuid};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// PostgreSQL refuses to run as root: then it runs as nobody.
const NOBODY: u32 = 65534;
/// Where data and programs go that nobody cannot reach in the home folder, such as below /root.
const REACHABLE: &str = "/var/lib/letopis";

/// What is run, as whom, on what.
#[derive(Clone)]
struct Cluster {
    bin: PathBuf,
    data: PathBuf,
    sockets: PathBuf,
    port: u16,
    fast: bool,
    root: bool,
}

/// Starts it and waits until it answers; returns the superuser's address.
pub(super) async fn start(home: &Path, fast: bool) -> Result<(String, Child, PathBuf), LocalError> {
    let root = geteuid().is_root();
    let base = if root { reachable(home)? } else { home.to_owned() };
    let bin = if root { reachable_programs(&tools::postgres()?)? } else { tools::postgres()? };
    // Socket paths are limited to 107 bytes.
    let sockets =
        std::env::temp_dir().join(format!("letopis-{}", &ambient::fresh().simple().to_string()[20..]));
    private(&sockets, root)?;
    let cluster = Cluster { bin, data: base.join("postgres"), sockets, port: free_port()?, fast, root };
    let password = cluster.create(&base).await?;
    cluster.end_orphan().await?;
    let (runs, sockets) = (cluster.clone(), cluster.sockets.clone());
    let child = Child::start("postgres", Signal::INT, move || runs.server())?;
    let url = format!("postgres://postgres:{password}@127.0.0.1:{}/postgres", cluster.port);
    let answers = async {
        loop {
            match tokio_postgres::connect(&url, tokio_postgres::NoTls).await {
                Ok(_) => return,
                Err(_) => tokio::time::sleep(Duration::from_millis(30)).await,
            }
        }
    };
    if tokio::time::timeout(START, answers).await.is_err() {
        let log = std::fs::read_to_string(base.join("postgres.log")).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(5).collect();
        child.stop().await;
        return Err(LocalError::NotStarted("postgres", last.join(" | ")));
    }
    Ok((url, child, sockets))
}

impl Cluster {
    /// Makes the cluster where there is none; returns the superuser's password, which is kept beside it.
    async fn create(&self, base: &Path) -> Result<String, LocalError> {
        let kept = base.join("postgres.password");
        if self.data.join("PG_VERSION").is_file() {
            let password = std::fs::read_to_string(&kept).map_err(failed("the password cannot be read"))?;
            return Ok(password.trim().to_owned());
        }
        private(&self.data, self.root)?;
        let password = ambient::fresh().simple().to_string()
            + &uuid::Uuid::new_v5(&ambient::fresh(), b"p").simple().to_string();
        std::fs::write(&kept, &password).map_err(failed("the password cannot be kept"))?;
        std::fs::set_permissions(&kept, PermissionsExt::from_mode(0o600))
            .map_err(failed("the password cannot be kept"))?;
        if self.root {
            chown(&kept, Some(NOBODY), Some(NOBODY)).map_err(failed("the password cannot be kept"))?;
        }
        let mut initdb = self.program("initdb");
        initdb.args(["--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256"]);
        initdb
            .args(["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"])
            .arg("--pgdata")
            .arg(&self.data);
        initdb.arg(format!("--pwfile={}", kept.display()));
        if self.fast {
            initdb.arg("--no-sync");
        }
        let made = initdb.output().await.map_err(failed("initdb cannot be run"))?;
        if made.status.success() {
            return Ok(password);
        }
        // What is half made would be taken for a cluster.
        let _ = std::fs::remove_dir_all(&self.data);
        Err(LocalError::NotStarted("initdb", String::from_utf8_lossy(&made.stderr).trim().to_owned()))
    }

    /// Ends a server that a killed process left running on the same data.
    async fn end_orphan(&self) -> Result<(), LocalError> {
        let Ok(text) = std::fs::read_to_string(self.data.join("postmaster.pid")) else { return Ok(()) };
        let id = text.lines().next().unwrap_or_default();
        let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        // A file without its process is PostgreSQL's own to recover from.
        if !String::from_utf8_lossy(&line).contains(&*self.data.to_string_lossy()) {
            return Ok(());
        }
        tracing::warn!("a PostgreSQL left by an earlier run is stopped");
        let mut stop = self.program("pg_ctl");
        stop.args(["stop", "-m", "fast", "-w", "-D"]).arg(&self.data);
        stop.output().await.map_err(failed("pg_ctl cannot be run"))?;
        Ok(())
    }

    fn server(&self) -> Command {
        let mut command = self.program("postgres");
        command.arg("-D").arg(&self.data).arg("-k").arg(&self.sockets).args(["-p", &self.port.to_string()]);
        let mut settings = vec![
            "listen_addresses=127.0.0.1",
            "max_connections=300",
            "shared_buffers=256MB",
            "max_wal_size=2GB",
            "log_min_messages=warning",
            "logging_collector=off",
        ];
        if self.fast {
            settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
        }
        for setting in settings {
            command.args(["-c", setting]);
        }
        let log = self.data.with_extension("log");
        let log = std::fs::File::options().create(true).append(true).open(log);
        match log {
            Ok(log) => command.stderr(log),
            Err(_) => command.stderr(Stdio::null()),
        };
        command.stdout(Stdio::null());
        command
    }

    /// One of PostgreSQL's programs, with its own libraries, as nobody where this process is root.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        let library = self.bin.join("../lib");
        if library.is_dir() {
            command.env("LD_LIBRARY_PATH", library);
        }
        command.env("LC_ALL", "C.UTF-8").current_dir("/");
        if self.root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

/// A folder only its owner can enter; nobody's where this process is root.
fn private(folder: &Path, root: bool) -> Result<(), LocalError> {
    let text = format!("{} cannot be made", folder.display());
    std::fs::create_dir_all(folder).map_err(failed(text.clone()))?;
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700)).map_err(failed(text.clone()))?;
    if root {
        chown(folder, Some(NOBODY), Some(NOBODY)).map_err(failed(text))?;
    }
    Ok(())
}

/// Whether everybody may pass through all folders above.
fn passable(path: &Path) -> bool {
    path.ancestors()
        .skip(1)
        .all(|folder| std::fs::metadata(folder).is_ok_and(|metadata| metadata.mode() & 0o001 != 0))
}

/// The home folder, or one in its place that nobody can reach.
fn reachable(home: &Path) -> Result<PathBuf, LocalError> {
    let inside = home.join("cluster");
    if passable(&inside) {
        std::fs::create_dir_all(&inside).map_err(failed("the folder of PostgreSQL cannot be made"))?;
        return Ok(inside);
    }
    let name = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, home.to_string_lossy().as_bytes());
    let base = Path::new(REACHABLE).join(name.simple().to_string());
    std::fs::create_dir_all(&base).map_err(failed(format!("{} cannot be made", base.display())))?;
    tracing::info!(folder = %base.display(), "PostgreSQL does not run as root and cannot reach the home folder: its data are kept here");
    Ok(base)
}

/// The programs, or a copy of them that nobody can reach.
fn reachable_programs(bin: &Path) -> Result<PathBuf, LocalError> {
    let bin = bin.canonicalize().map_err(failed("PostgreSQL's programs cannot be found"))?;
    if passable(&bin.join("postgres")) {
        return Ok(bin);
    }
    let name = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, bin.to_string_lossy().as_bytes());
    let copy = Path::new(REACHABLE).join(format!("programs-{}", name.simple()));
    if !copy.join("bin/postgres").is_file() {
        let text = "PostgreSQL's programs cannot be copied to where they can be reached";
        std::fs::create_dir_all(REACHABLE).map_err(failed(text))?;
        // In its place only when it is whole; another process may have been quicker.
        let part = copy.with_extension(ambient::fresh().simple().to_string());
        let from = bin.parent().unwrap_or(&bin);
        let copied = std::process::Command::new("cp").arg("-R").arg(from).arg(&part).status();
        if !copied.map_err(failed(text))?.success() {
            return Err(LocalError::NotStarted("postgres", text.into()));
        }
        if std::fs::rename(&part, &copy).is_err() {
            let _ = std::fs::remove_dir_all(&part);
        }
    }
    Ok(copy.join("bin"))
}
