//! One request and its answer, within every limit: the budget, the addresses, redirects, sizes, times.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use landfall_model::said;
use reqwest::{
    Certificate, Method, Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER},
    redirect::Policy,
};

use super::{
    Budget, Failure, Patience, Quota,
    failure::failure_of,
    guard::{self, PublicOnly},
};
use crate::{clock, config::cannot_read, watch::chain};

/// Redirects that are followed: to a store of blobs, and once more within it.
const HOPS: usize = 3;
/// Connections are made within this time, or not at all.
const CONNECT: Duration = Duration::from_secs(5);
/// What must not go to another host.
const CREDENTIALS: [&str; 2] = ["authorization", "private-token"];
/// Errors are read no further.
const LARGEST_ERROR: usize = 64 << 10;

/// What of the way to a source the configuration decides.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// It may be spoken to without TLS.
    pub allow_plain: bool,
    /// Names may mean addresses of private networks.
    pub allow_private: bool,
    /// Signs its certificate, beside the authorities of the machine.
    pub ca_file: Option<PathBuf>,
    /// Its headers tell how much may still be asked, and 403 may mean "too much".
    pub tells_limits: bool,
}

/// One request.
#[derive(Debug)]
pub struct Ask {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    /// Empty: none.
    pub body: Bytes,
}

/// An answer that was read as a whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The way to one source, with its sign-in and its stores.
pub struct Http {
    reach: Reach,
    patience: Patience,
    budget: Arc<Budget>,
    /// Made anew when the file with the authority is another one.
    client: Mutex<Option<(Option<Mark>, reqwest::Client)>>,
}

/// What tells one state of a file from another.
type Mark = (SystemTime, u64);

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("budget", &self.budget).finish_non_exhaustive()
    }
}

impl Http {
    pub fn new(reach: Reach, patience: Patience, budget: Arc<Budget>) -> Self {
        Self { reach, patience, budget, client: Mutex::default() }
    }

    /// Asks, and follows redirects. Credentials go to the host that was asked and to no other.
    ///
    /// Any answer below 500 but 429 is a success here: what it means is the caller's to say.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        accept: &'static str,
        authorization: Option<HeaderValue>,
    ) -> Result<Response, Failure> {
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
        headers.extend(authorization.map(|value| (AUTHORIZATION, value)));
        self.exchange(Ask { method, url: url.clone(), headers, body: Bytes::new() }).await
    }

    /// The same of any request. What writes is not redirected.
    pub async fn exchange(&self, mut ask: Ask) -> Result<Response, Failure> {
        let reads = matches!(ask.method, Method::GET | Method::HEAD);
        for _ in 0..=HOPS {
            let response = self.once(&ask).await?;
            let location = response.headers().get(LOCATION).filter(|_| response.status().is_redirection());
            let Some(location) = location else { return Ok(response) };
            if !reads {
                return Err(Failure::Broken("a redirect of what was to be written".into()));
            }
            let next = location.to_str().ok().and_then(|location| ask.url.join(location).ok());
            let next = next.ok_or_else(|| Failure::Broken("a redirect to nowhere".into()))?;
            if next.scheme() != "https" && !(next.scheme() == "http" && self.reach.allow_plain) {
                return Err(Failure::Broken(format!("a redirect to {}, which is not https", next.scheme())));
            }
            if next.origin() != ask.url.origin() {
                for credential in CREDENTIALS {
                    ask.headers.remove(credential);
                }
            }
            ask.url = next;
        }
        Err(Failure::Broken(format!("more than {HOPS} redirects")))
    }

    async fn once(&self, ask: &Ask) -> Result<Response, Failure> {
        let url = &ask.url;
        if !self.reach.allow_private {
            guard::check(url)?;
        }
        let client = self.client()?;
        self.budget.take().await?;
        let mut request = client.request(ask.method.clone(), url.clone()).headers(ask.headers.clone());
        if !ask.body.is_empty() {
            request = request.body(ask.body.clone());
        }
        let response = request.send().await.map_err(|error| self.failed(url, error))?;
        let status = response.status();
        let retry_after = retry_after(response.headers());
        if status == StatusCode::TOO_MANY_REQUESTS
            || (status == StatusCode::SERVICE_UNAVAILABLE && retry_after.is_some())
        {
            self.budget.limited(status.as_u16(), retry_after);
            return Err(failure_of(status.as_u16(), &self.error_body(response).await));
        }
        if self.reach.tells_limits {
            if let Some(quota) = quota(response.headers()) {
                self.budget.told(quota);
            }
            if status == StatusCode::FORBIDDEN {
                return Err(self.forbidden(response, retry_after).await);
            }
        }
        if status == StatusCode::NOT_MODIFIED {
            self.budget.well();
        }
        if status.is_server_error() {
            let failure = failure_of(status.as_u16(), &self.error_body(response).await);
            self.budget.failed(&failure);
            return Err(failure);
        }
        Ok(response)
    }

    /// 403 may mean that too much was asked: by its headers, or by what it says.
    async fn forbidden(&self, response: Response, retry_after: Option<Duration>) -> Failure {
        let used_up = quota(response.headers()).is_some_and(|quota| quota.left == 0);
        let body = self.error_body(response).await;
        let says = String::from_utf8_lossy(&body).to_ascii_lowercase();
        if retry_after.is_some() || (!used_up && says.contains("rate limit")) {
            self.budget.limited(403, retry_after);
        }
        match self.budget.blocked() {
            Some(blocked) => Failure::Blocked { until: blocked.until, why: blocked.why },
            None => failure_of(403, &body),
        }
    }

    /// The body of a success, within `largest` bytes. Any other status is a failure.
    pub async fn whole(&self, response: Response, largest: usize) -> Result<Vec<u8>, Failure> {
        let status = response.status();
        if status.is_success() {
            self.body(response, largest).await
        } else {
            Err(failure_of(status.as_u16(), &self.error_body(response).await))
        }
    }

    /// Status, headers and body, whatever the status; a success within `largest` bytes, an error as far as it is read.
    pub async fn answer(&self, response: Response, largest: usize) -> Result<Answer, Failure> {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = if status.is_success() {
            self.body(response, largest).await?
        } else {
            self.error_body(response).await
        };
        Ok(Answer { status, headers, body: body.into() })
    }

    async fn error_body(&self, response: Response) -> Vec<u8> {
        self.body(response, LARGEST_ERROR).await.unwrap_or_default()
    }

    async fn body(&self, mut response: Response, largest: usize) -> Result<Vec<u8>, Failure> {
        let length = response.content_length().and_then(|length| usize::try_from(length).ok());
        if length.is_some_and(|length| length > largest) {
            return Err(Failure::TooLarge(largest));
        }
        let url = response.url().clone();
        let is_well = response.status().is_success();
        let mut bytes = Vec::with_capacity(length.unwrap_or_default());
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(&url, error))? {
            if bytes.len() + chunk.len() > largest {
                return Err(Failure::TooLarge(largest));
            }
            bytes.extend_from_slice(&chunk);
        }
        if is_well {
            self.budget.well();
        }
        Ok(bytes)
    }

    /// What went wrong on the way, without the URL: a store's holds a signature that lets anybody in.
    fn failed(&self, url: &Url, error: reqwest::Error) -> Failure {
        let host = url.host_str().unwrap_or_default().to_owned();
        let is_timeout = error.is_timeout();
        let why = chain(&error.without_url());
        let failure = if guard::is_refusal(&why) {
            Failure::Private(host)
        } else if is_timeout {
            Failure::Silent { host, after: self.patience.answer }
        } else {
            Failure::Connection(format!("{host}: {why}"))
        };
        self.budget.failed(&failure);
        failure
    }

    fn client(&self) -> Result<reqwest::Client, Failure> {
        let mark = self.reach.ca_file.as_ref().map(|path| {
            let meta = std::fs::metadata(path).map_err(|error| unread(path, &error))?;
            Ok::<Mark, Failure>((meta.modified().unwrap_or(SystemTime::UNIX_EPOCH), meta.len()))
        });
        let mut slot = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = match (mark.transpose(), &*slot) {
            (Ok(mark), _) => mark,
            // While a file is being replaced the last authority is as good as any.
            (Err(_), Some((_, client))) => return Ok(client.clone()),
            (Err(failure), None) => return Err(failure),
        };
        if let Some((known, client)) = &*slot
            && *known == mark
        {
            return Ok(client.clone());
        }
        let client = self.build()?;
        *slot = Some((mark, client.clone()));
        Ok(client)
    }

    fn build(&self) -> Result<reqwest::Client, Failure> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("landfall/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            // A proxy would look names up itself, past the guard.
            .no_proxy()
            .connect_timeout(CONNECT.min(self.patience.answer))
            .read_timeout(self.patience.answer)
            .timeout(self.patience.whole);
        if !self.reach.allow_private {
            builder = builder.dns_resolver(Arc::new(PublicOnly));
        }
        if let Some(path) = &self.reach.ca_file {
            let pem = std::fs::read(path).map_err(|error| unread(path, &error))?;
            let authorities = Certificate::from_pem_bundle(&pem).unwrap_or_default();
            if authorities.is_empty() {
                let file = path.display().to_string();
                return Err(Failure::Credentials(said!(
                    "no-certificate",
                    "{file}: holds no certificate (PEM)",
                    file = file,
                )));
            }
            builder = builder.tls_certs_merge(authorities);
        }
        builder.build().map_err(|error| Failure::Connection(chain(&error)))
    }
}

fn unread(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Credentials(cannot_read(&path.display().to_string(), error))
}

/// `Retry-After`, as seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(clock::now())).unwrap_or_default())
}

/// What may still be asked in its own window: `x-ratelimit-…` of GitHub and Gitea, `ratelimit-…` of GitLab.
fn quota(headers: &HeaderMap) -> Option<Quota> {
    let number = |prefix: &str, name: &str| -> Option<i64> {
        headers.get(format!("{prefix}{name}"))?.to_str().ok()?.trim().parse().ok()
    };
    ["x-ratelimit-", "ratelimit-"].into_iter().find_map(|prefix| {
        let limit = u32::try_from(number(prefix, "limit")?).ok()?;
        let left = u32::try_from(number(prefix, "remaining")?.max(0)).ok()?;
        let resets = jiff::Timestamp::from_second(number(prefix, "reset")?).ok()?;
        Some(Quota { limit, left, resets })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let of = |text: &str| {
            retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]))
        };
        assert_eq!(of("90"), Some(Duration::from_secs(90)));
        assert_eq!(of("0"), Some(Duration::ZERO));
        assert_eq!(of("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let later = clock::now() + jiff::SignedDuration::from_secs(90);
        let later = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&later).unwrap();
        assert!(of(&later).is_some_and(|wait| (88..=90).contains(&wait.as_secs())), "{later}");
        for text in ["", "soon", "-1", "1.5"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
