//! Futures that run by themselves. All of the doors' are made here, so that the tests can end each of them at each of
//! its awaits.

/// A future for a task of its own. It is the future, and nothing is added to it.
#[cfg(not(test))]
#[inline]
pub(crate) fn alone<F: Future<Output = ()>>(future: F) -> F {
    future
}

#[cfg(test)]
mod cut;
#[cfg(test)]
pub(crate) use cut::alone;

#[cfg(test)]
mod tests;
/// The policy of the sweep, for other unit tests.
#[cfg(test)]
pub(crate) use tests::policy;
