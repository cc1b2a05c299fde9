//! The real nginx, on loopback ports of its own, in a scratch folder.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Ports and folder for one stream of comparisons.
pub struct Bench {
    dir: PathBuf,
    _scratch: tempfile::TempDir,
    pub front: [u16; 2],
    pub echo: [u16; 4],
    /// Whether this machine has an IPv6 loopback.
    pub v6: bool,
}

/// A running nginx; ends with this value.
pub struct Running(Child);

impl Running {
    /// Whether nginx still runs; some configurations make it crash.
    pub fn alive(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where nginx is, if it is installed.
pub fn binary() -> Option<PathBuf> {
    let given = std::env::var_os("NGINX_BINARY").map(PathBuf::from);
    let usual = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"];
    given.into_iter().chain(usual.iter().map(PathBuf::from)).find(|path| path.is_file())
}

fn free_port() -> std::io::Result<(u16, TcpListener)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    Ok((listener.local_addr()?.port(), listener))
}

impl Bench {
    pub fn new() -> std::io::Result<Self> {
        let scratch = tempfile::tempdir()?;
        let dir = scratch.path().to_path_buf();
        let mut held = Vec::new();
        let mut port = || -> std::io::Result<u16> {
            let (port, listener) = free_port()?;
            held.push(listener);
            Ok(port)
        };
        let front = [port()?, port()?];
        let echo = [port()?, port()?, port()?, port()?];
        drop(held);
        std::fs::create_dir_all(dir.join("www/d"))?;
        std::fs::create_dir_all(dir.join("www/a/b"))?;
        for file in ["www/index.html", "www/d/index.html", "www/a.txt", "www/a/b/c.txt", "www/50x.html"] {
            std::fs::write(dir.join(file), "a file\n")?;
        }
        // workers of nginx may run as another user
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755))?;
        }
        std::fs::write(dir.join("users"), "user:{PLAIN}pass\n")?;
        let v6 = TcpListener::bind("[::1]:0").is_ok();
        Ok(Self { dir, _scratch: scratch, front, echo, v6 })
    }

    pub fn root(&self) -> String {
        self.dir.join("www").display().to_string()
    }

    /// The unix socket of an echo upstream.
    pub fn unix(&self) -> String {
        format!("unix:{}", self.dir.join("echo.sock").display())
    }

    /// The scratch folder: nginx's prefix.
    pub fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// Starts nginx with this configuration; the error is what nginx says when it refuses.
    pub fn start(&self, text: &str) -> Result<Running, String> {
        let path = self.dir.join("nginx.conf");
        std::fs::write(&path, text).map_err(|error| error.to_string())?;
        let log = self.dir.join("error.log");
        let _ = std::fs::remove_file(&log);
        // a killed nginx leaves its socket behind
        let _ = std::fs::remove_file(self.dir.join("echo.sock"));
        let binary = binary().ok_or("nginx is not installed")?;
        for attempt in 0..20 {
            let stderr = std::fs::File::create(self.dir.join("stderr")).map_err(|error| error.to_string())?;
            let mut child = Command::new(&binary)
                .arg("-c")
                .arg(&path)
                .arg("-p")
                .arg(&self.dir)
                .args(["-e", "stderr", "-g", "daemon off; master_process off;"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(stderr)
                .spawn()
                .map_err(|error| error.to_string())?;
            for _ in 0..500 {
                if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
                    let said = std::fs::read_to_string(self.dir.join("stderr")).unwrap_or_default();
                    if said.contains("Address already in use") && attempt < 19 {
                        std::thread::sleep(Duration::from_millis(100));
                        break;
                    }
                    let first = said.lines().find(|line| line.contains("[emerg]")).unwrap_or_default();
                    return Err(format!("{status}: {first}"));
                }
                // nginx begins to listen on one address after the other
                let up = |port: &u16| {
                    !text.contains(&port.to_string()) || TcpStream::connect(("127.0.0.1", *port)).is_ok()
                };
                if self.echo.iter().chain(&self.front).all(up) {
                    return Ok(Running(child));
                }
                std::thread::sleep(Duration::from_millis(3));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        Err("nginx does not answer".to_owned())
    }
}
