//! What values of a variable look like, where that helps to cut a line.

use memchr::{memchr, memchr2};

/// What values of a variable look like, where that helps to cut a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Any,
    Status,
    Digits,
    Seconds,
    Address,
    LocalTime,
    Upstreams,
}

impl Shape {
    /// By the variable's name.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "status" => Self::Status,
            "body_bytes_sent"
            | "bytes_sent"
            | "request_length"
            | "connection"
            | "connection_requests"
            | "pid"
            | "server_port"
            | "remote_port" => Self::Digits,
            "request_time" | "msec" => Self::Seconds,
            "remote_addr" | "realip_remote_addr" | "server_addr" => Self::Address,
            "time_local" => Self::LocalTime,
            "upstream_addr"
            | "upstream_status"
            | "upstream_response_time"
            | "upstream_connect_time"
            | "upstream_header_time"
            | "upstream_response_length" => Self::Upstreams,
            _ => Self::Any,
        }
    }

    /// Whether the bytes can be such a value.
    pub(super) fn fits(self, value: &[u8]) -> bool {
        if self == Self::Any || value == b"-" {
            return true;
        }
        match self {
            Self::Any => true,
            Self::Status => value.len() == 3 && value.iter().all(u8::is_ascii_digit),
            Self::Digits => !value.is_empty() && value.iter().all(u8::is_ascii_digit),
            Self::Seconds => {
                !value.is_empty() && value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
            }
            Self::Address => !value.is_empty() && memchr2(b' ', b'"', value).is_none(),
            Self::LocalTime => value.len() == 26,
            Self::Upstreams => upstream_list(value),
        }
    }
}

/// `a`, `a, b`, `a, b : c`: no other spaces.
fn upstream_list(value: &[u8]) -> bool {
    let mut rest = value;
    while let Some(space) = memchr(b' ', rest) {
        let before = rest.get(..space).unwrap_or_default();
        let after = rest.get(space + 1..).unwrap_or_default();
        let fine = before.ends_with(b",") || before.ends_with(b":") || after.starts_with(b": ");
        if !fine {
            return false;
        }
        rest = after;
    }
    !value.is_empty()
}
