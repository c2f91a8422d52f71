//! A look at the client's texts before they go on.

use std::sync::Arc;

use parking_lot::Mutex;
use tidegate_gateway::relay::{Cause, RelayRules, TextHook, Verdict};

use crate::support::{Rig, code, masked, plain, read, read_frame, rules, soon, write};

type Seen = Arc<Mutex<Vec<String>>>;

fn hook() -> (Seen, Box<dyn TextHook>) {
    let seen = Seen::default();
    let noted = seen.clone();
    let hook = move |text: &[u8]| {
        let text = String::from_utf8_lossy(text).into_owned();
        noted.lock().push(text.clone());
        match text.split(' ').next() {
            Some("swallow") => Verdict::Swallow,
            Some("reply") => Verdict::Reply(format!("no: {text}")),
            Some("close") => Verdict::Close {
                code: 1008,
                reason: "enough".to_owned(),
            },
            _ => Verdict::Pass,
        }
    };
    (seen, Box::new(hook))
}

async fn rig(text_bytes_seen: usize) -> (Seen, Rig) {
    let (seen, hook) = hook();
    let rig = Rig::watched(
        RelayRules {
            text_bytes_seen,
            ..rules()
        },
        Some(hook),
    )
    .await;
    (seen, rig)
}

#[tokio::test]
async fn texts_pass_unchanged_or_go_nowhere() {
    let (seen, mut rig) = rig(4096).await;
    let passed = [
        masked(0x81, b"pass"),
        masked(0x01, b"pa"),
        masked(0x00, b"ss "),
        masked(0x80, b"too"),
        masked(0x82, b"swallow nothing of bytes"),
    ];
    let sent = [
        &passed[0][..],
        &masked(0x81, b"swallow me"),
        &masked(0x01, b"swal"),
        &masked(0x80, b"low me"),
        &passed[1..].concat(),
    ]
    .concat();
    for part in sent.chunks(5) {
        write(&mut rig.client, part).await;
    }
    let passed = passed.concat();
    assert_eq!(read(&mut rig.upstream, passed.len()).await, passed);
    assert_eq!(*seen.lock(), ["pass", "swallow me", "swallow me", "pass too"]);
}

#[tokio::test]
async fn a_control_frame_between_held_fragments_goes_first() {
    let (_, mut rig) = rig(4096).await;
    let (begin, ping, end) = (masked(0x01, b"pa"), masked(0x89, b"p"), masked(0x80, b"ss"));
    write(&mut rig.client, &[&begin[..], &ping].concat()).await;
    assert_eq!(read(&mut rig.upstream, ping.len()).await, ping);
    write(&mut rig.client, &end).await;
    assert_eq!(
        read(&mut rig.upstream, begin.len() + end.len()).await,
        [begin, end].concat()
    );
}

#[tokio::test]
async fn a_long_text_is_decided_by_its_beginning() {
    let (seen, mut rig) = rig(16).await;
    let long = masked(0x81, &[b"pass ".as_slice(), &[b'x'; 100_000]].concat());
    let gone = masked(0x81, &[b"swallow ".as_slice(), &[b'x'; 100_000]].concat());
    let last = masked(0x81, b"pass");
    let all = [&long[..], &gone, &last].concat();
    let (mut client, upstream) = (rig.client, &mut rig.upstream);
    let sending = tokio::spawn(async move {
        write(&mut client, &all).await;
        client
    });
    assert!(read(upstream, long.len() + last.len()).await == [long, last].concat());
    sending.await.unwrap();
    assert_eq!(*seen.lock(), ["pass xxxxxxxxxxx", "swallow xxxxxxxx", "pass"]);
}

#[tokio::test]
async fn a_reply_goes_to_the_client() {
    let (_, mut rig) = rig(4096).await;
    write(
        &mut rig.client,
        &[masked(0x81, b"reply 1"), masked(0x81, b"reply 2")].concat(),
    )
    .await;
    assert_eq!(read_frame(&mut rig.client).await, (0x81, b"no: reply 1".to_vec()));
    assert_eq!(read_frame(&mut rig.client).await, (0x81, b"no: reply 2".to_vec()));
    write(&mut rig.upstream, &plain(0x81, b"on")).await;
    assert_eq!(read_frame(&mut rig.client).await, (0x81, b"on".to_vec()));
}

#[tokio::test]
async fn a_hook_may_end_the_socket() {
    let (_, mut rig) = rig(4096).await;
    let sent = [
        masked(0x81, b"pass"),
        masked(0x81, b"close"),
        masked(0x81, b"pass"),
        masked(0x88, &code(1000)),
    ];
    write(&mut rig.client, &sent.concat()).await;
    let (first, payload) = read_frame(&mut rig.client).await;
    assert_eq!((first, &payload[2..]), (0x88, &b"enough"[..]));
    assert_eq!(read_frame(&mut rig.upstream).await, (0x81, b"pass".to_vec()));
    assert_eq!(read_frame(&mut rig.upstream).await, (0x88, code(1001)));
    drop((rig.client, rig.upstream));
    let end = soon(rig.ending).await.unwrap();
    assert_eq!((end.cause, end.code), (Cause::Hook, Some(1008)));
}

/// Lets texts pass unread while it may, and says how many it was shown.
struct Unread {
    left: usize,
    shown: Arc<Mutex<usize>>,
}

impl TextHook for Unread {
    fn passes_unread(&mut self) -> bool {
        let passes = self.left > 0;
        self.left = self.left.saturating_sub(1);
        passes
    }

    fn on_text(&mut self, _: &[u8]) -> Verdict {
        *self.shown.lock() += 1;
        Verdict::Swallow
    }
}

#[tokio::test]
async fn a_text_that_passes_unread_is_not_held_back() {
    let shown = Arc::new(Mutex::new(0));
    let hook = Unread {
        left: 1,
        shown: shown.clone(),
    };
    let mut rig = Rig::watched(rules(), Some(Box::new(hook))).await;
    let (begin, end) = (masked(0x01, b"un"), masked(0x80, b"read"));
    write(&mut rig.client, &begin).await;
    assert_eq!(
        read(&mut rig.upstream, begin.len()).await,
        begin,
        "before its end comes"
    );
    let gone = masked(0x81, b"read, and swallowed");
    let last = masked(0x82, b"no text");
    write(&mut rig.client, &[&end[..], &gone, &last].concat()).await;
    assert_eq!(
        read(&mut rig.upstream, end.len() + last.len()).await,
        [end, last].concat()
    );
    assert_eq!(*shown.lock(), 1);
}
