//! How many each address has of something.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// How many each address has of something.
#[derive(Default)]
pub struct PerIp(Mutex<HashMap<IpAddr, usize>>);

/// One of them, until dropped.
pub struct OfIp {
    all: Arc<PerIp>,
    ip: IpAddr,
}

impl PerIp {
    /// One more for this address, unless it has `most` already.
    pub fn enter(self: &Arc<Self>, ip: IpAddr, most: usize) -> Option<OfIp> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&ip).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        counts.insert(ip, count + 1);
        Some(OfIp { all: Arc::clone(self), ip })
    }
}

impl Drop for OfIp {
    fn drop(&mut self) {
        let mut counts = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.ip);
            }
        }
    }
}
