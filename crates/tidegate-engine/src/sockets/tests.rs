use std::{
    pin::pin,
    sync::atomic::AtomicUsize,
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use super::*;

const START: Now = Now {
    mono_ns: 1_000_000_000_000,
    wall_ms: 1_700_000_000_000,
};

fn after(secs: u64) -> Now {
    Now {
        mono_ns: START.mono_ns + secs * 1_000_000_000,
        wall_ms: START.wall_ms + secs as i64 * 1_000,
    }
}

fn registry(sockets_max: usize) -> Arc<Sockets> {
    Arc::new(Sockets::new(Partitioner::new([3; 16]), START, sockets_max))
}

fn about(subject: &str, token: &str) -> SocketFacts {
    SocketFacts {
        subject: subject.into(),
        user: Some(subject.into()),
        token_ends_ms: None,
        token: Some(token.into()),
        tenant: Some("acme".into()),
        peer: "192.0.2.1".parse().unwrap(),
        route: "socket".into(),
    }
}

fn open(sockets: &Arc<Sockets>, subject: &str) -> SocketEntry {
    sockets.register(about(subject, "t1"), None, START).unwrap()
}

fn ids(views: &[SocketView]) -> Vec<SocketId> {
    views.iter().map(|view| view.id).collect()
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_socket_is_listed_for_its_user_while_its_entry_is_held() {
    let sockets = registry(10);
    let (one, bob, two) = (open(&sockets, "ann"), open(&sockets, "bob"), open(&sockets, "ann"));
    assert_eq!(
        ids(&sockets.of_user("ann", START)),
        [one.id(), two.id()],
        "the oldest first"
    );
    assert_eq!(sockets.get(bob.id(), START).unwrap().about, about("bob", "t1"));
    let gone = one.id();
    drop(one);
    assert_eq!(ids(&sockets.of_user("ann", START)), [two.id()]);
    assert_eq!(
        (
            sockets.get(gone, START),
            sockets.close(gone, CloseReason::ClosedByStaff)
        ),
        (None, false)
    );
    drop((bob, two));
    assert!(sockets.is_empty() && sockets.of_user("ann", START).is_empty());
    assert!(sockets.open.lock().by_key.is_empty(), "nothing is left of it");
}

#[test]
fn no_more_are_listed_than_there_is_room_for() {
    let sockets = registry(3);
    let held: Vec<SocketEntry> = (0..3).map(|_| open(&sockets, "ann")).collect();
    assert_eq!(
        sockets.register(about("bob", "t1"), None, START).err(),
        Some(SocketsFull)
    );
    drop(held);
    drop(open(&sockets, "bob"));
}

#[test]
fn whoever_holds_a_socket_is_woken_to_close_it_and_the_first_reason_stands() {
    let sockets = registry(10);
    let entry = open(&sockets, "ann");
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut context = Context::from_waker(&waker);
    let mut closing = pin!(entry.closing());
    for _ in 0..3 {
        assert_eq!(closing.as_mut().poll(&mut context), Poll::Pending);
    }
    assert!(sockets.close(entry.id(), CloseReason::ClosedByCaller));
    assert_eq!(
        woken.0.load(Ordering::Relaxed),
        1,
        "one task, woken once however often it asked"
    );
    assert!(!sockets.close(entry.id(), CloseReason::Drain));
    assert_eq!(
        closing.as_mut().poll(&mut context),
        Poll::Ready(CloseReason::ClosedByCaller)
    );
    assert_eq!(
        sockets.get(entry.id(), START).unwrap().closing,
        Some(CloseReason::ClosedByCaller)
    );
    assert_eq!(sockets.len(), 1, "it is open until its holder lets go");
}

#[test]
fn whoever_waits_for_a_socket_to_be_gone_is_woken_when_it_is() {
    let sockets = registry(10);
    let entry = open(&sockets, "ann");
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut context = Context::from_waker(&waker);
    let mut gone = pin!(sockets.gone(entry.id()));
    assert_eq!(gone.as_mut().poll(&mut context), Poll::Pending);
    sockets.close(entry.id(), CloseReason::Evicted);
    assert_eq!(gone.as_mut().poll(&mut context), Poll::Pending, "told is not gone");
    let id = entry.id();
    drop(entry);
    assert!(woken.0.load(Ordering::Relaxed) > 0);
    assert_eq!(gone.as_mut().poll(&mut context), Poll::Ready(()));
    assert_eq!(pin!(sockets.gone(id)).poll(&mut context), Poll::Ready(()));
}

// fault 33
#[test]
fn sockets_of_a_revoked_token_are_told_and_no_others() {
    let sockets = registry(10);
    let held = ["t1", "t2", "t1"].map(|token| sockets.register(about("ann", token), None, START).unwrap());
    let of_t1 = |socket: &Socket| socket.about.token.as_deref() == Some("t1");
    assert_eq!(ids(&sockets.find(|socket| !of_t1(socket), START)), [held[1].id()]);
    assert_eq!(sockets.close_where(of_t1, CloseReason::Revoked), 2);
    assert_eq!(sockets.close_where(of_t1, CloseReason::Drain), 0);
    let told = [Some(CloseReason::Revoked), None, Some(CloseReason::Revoked)];
    assert_eq!(held.each_ref().map(SocketEntry::told), told);
}

#[test]
fn idle_is_since_the_client_was_last_heard_whatever_the_wall_clock_does() {
    let sockets = registry(10);
    let entry = open(&sockets, "ann");
    entry.heard(after(30));
    entry.heard(after(10));
    let mut now = after(50);
    now.wall_ms += 3_600_000;
    let view = entry.view(now);
    assert_eq!((view.idle, view.since_ms), (Duration::from_secs(20), START.wall_ms));
    assert_eq!(view.last_heard_ms, now.wall_ms - 20_000);
    assert_eq!(entry.view(after(20)).idle, Duration::ZERO);
}

#[test]
fn devices_are_listed_up_to_the_bound_and_whoever_listened_to_more_is_not_overlooked() {
    let sockets = registry(10);
    let entry = open(&sockets, "ann");
    assert!(entry.add_device("7") && !entry.add_device("7") && entry.remove_device("7") && !entry.remove_device("7"));
    (0..DEVICES_SHOWN_MAX).for_each(|device| assert!(entry.add_device(&device.to_string())));
    assert!(entry.socket().may_listen_to("7") && !entry.socket().may_listen_to("100000"));
    assert!(!entry.view(START).devices_cut);
    assert!(!entry.add_device("100000") && entry.socket().may_listen_to("100000"));
    let view = entry.view(START);
    assert_eq!((view.devices.len(), view.devices_cut), (DEVICES_SHOWN_MAX, true));
    let other = open(&sockets, "ann");
    other.add_device(&"ü".repeat(8_000));
    assert_eq!(other.view(START).devices[0].len(), DEVICE_BYTES_MAX);
    assert!(other.remove_device(&"ü".repeat(8_000)));
}

#[test]
fn ids_are_read_as_they_are_written_and_do_not_follow_from_each_other() {
    let sockets = registry(1_000);
    let held: Vec<SocketEntry> = (0..500).map(|_| open(&sockets, "ann")).collect();
    for entry in &held {
        let text = entry.id().to_string();
        assert_eq!((text.len(), text.parse()), (12, Ok(entry.id())));
        assert_eq!(format!(" {}\n", text.to_uppercase()).parse(), Ok(entry.id()));
    }
    let mut seen: Vec<SocketId> = held.iter().map(SocketEntry::id).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), held.len());
    let later = Sockets::new(Partitioner::new([3; 16]), after(1), 10);
    assert!(
        !seen.contains(&SocketId::of(&later.partitioner, later.start, 0)),
        "nor from those before a restart"
    );
    for bad in ["", "0", "00000000000u", "0000000000000", "000000 00000", "0000000000ü"] {
        assert_eq!(bad.parse::<SocketId>(), Err(NotASocketId), "{bad}");
    }
}

#[test]
fn the_subjects_with_the_most_sockets_come_first() {
    let sockets = registry(10);
    let _held: Vec<_> = ["bob", "ann", "cid", "ann", "ann", "bob"]
        .map(|subject| open(&sockets, subject))
        .into();
    assert_eq!(sockets.most_open(2), [("ann".into(), 3), ("bob".into(), 2)]);
    assert_eq!(sockets.most_open(10).len(), 3);
}
