//! Forwarding: sends an admitted request to its destination, a server elsewhere or an upstream inside.

use std::{net::IpAddr, pin::pin, sync::Arc, time::Duration};

use http::{Request, Response, Uri};
use tidegate_engine::ticket::Ticket;
use tidegate_gate::{Destination, Received, RequestContext};

use crate::{
    body::{Body, answer_timeout, upload_progress::UploadProgress},
    deadline::Deadline,
    embedded_upstream::{Call, EmbeddedUpstream},
    inbound::InboundRequest,
    upstream::{Upstreams, header_rewrite},
    upstream_fault::UpstreamFault,
};

/// Sends requests on, with the upstreams that there are.
pub(crate) struct Forwarder {
    pub(crate) upstreams: Arc<Upstreams>,
    /// The streams API inside.
    pub(crate) streams: Arc<dyn EmbeddedUpstream>,
    /// The callers' pages.
    pub(crate) pages: Arc<dyn EmbeddedUpstream>,
    /// Longest silence of an upstream inside before its answer.
    pub(crate) silence_max: Duration,
}

/// An admitted request on its way, besides its bytes.
pub(crate) struct Forward<'a> {
    pub(crate) destination: Destination,
    pub(crate) context: &'a RequestContext,
    pub(crate) received: &'a Received,
}

impl Forwarder {
    /// Sends an admitted request on and waits for the head of its answer. The ticket is spent by it.
    pub(crate) async fn send(
        &self,
        ticket: Ticket,
        forward: Forward<'_>,
        request: Box<InboundRequest>,
        upload: &UploadProgress,
    ) -> Result<Response<Body>, UpstreamFault> {
        let Forward {
            destination,
            context,
            received,
        } = forward;
        let embedded: &dyn EmbeddedUpstream = match destination {
            Destination::Remote(remote) => {
                let upwards = upwards(request, &remote.first.base, context.client).ok_or(UpstreamFault::Scheme)?;
                return self.upstreams.call(ticket, &remote, upwards, upload).await;
            }
            Destination::Pages => &*self.pages,
            Destination::Embedded => &*self.streams,
        };
        let InboundRequest { head, body } = *request;
        let call = Call {
            request: Request::from_parts(head, Body::request(body)),
            identity: context.identity.clone(),
            client: context.client,
            route: context.route.clone(),
            instance: context.instance.clone(),
            now: received.now,
            snapshot: received.snapshot.clone(),
        };
        let mut silence = Deadline::default();
        answer_timeout::wait(
            pin!(embedded.call(ticket, call)),
            upload,
            &mut silence,
            self.silence_max,
        )
        .await
        .ok_or(UpstreamFault::Silent {
            waited: self.silence_max,
        })
    }
}

fn upwards(request: Box<InboundRequest>, base: &Uri, client: IpAddr) -> Option<Box<Request<Body>>> {
    let InboundRequest { head, body } = *request;
    header_rewrite::up(head, Body::request(body), base, client).map(Box::new)
}
