# SPDX-License-Identifier: Apache-2.0
"""The dashboard of the controller. Its series have the names of controller-runtime and client-go where these have one."""
from panels import dashboard, graph, link, query, row, source_variable, stat, variable

ALL = 'job=~"$job", instance=~"$instance"'
RECONCILERS = f'{ALL}, controller=~"$controller"'
QUEUES = f'{ALL}, name=~"$controller"'


def quantiles(metric, selector):
    buckets = f"sum by (le) (rate({metric}_bucket{{{selector}}}[$__rate_interval]))"
    return [query(f"histogram_quantile({q}, {buckets})", name) for q, name in ((0.5, "median"), (0.9, "9 of 10"), (0.99, "99 of 100"))]


def now():
    return [
        row("Now"),
        stat("Controllers", "Controllers that are scraped.", "short", f'count(controller_runtime_max_concurrent_reconciles{{{ALL}, controller="liveroom"}})',
             (("red", None), ("green", 1))),
        stat("Leaders", "Controllers that hold the Lease: one. Zero for minutes: LiveroomNoLeader.", "short",
             f"sum(leader_election_master_status{{{ALL}}})", (("red", None), ("green", 1), ("red", 2))),
        stat("LiveRooms", "Objects in the cache.", "short", f"count(kube_liveroom_info{{{ALL}}}) or vector(0)"),
        stat("Queue", "LiveRooms that wait for a worker.", "short", f'sum(workqueue_depth{{{ALL}, name="liveroom"}})', (("green", None), ("orange", 100))),
        stat("Caches in step", "Watches whose cache holds a whole list.", "percentunit",
             f"sum(reflector_cache_synced{{{ALL}}}) / count(reflector_cache_synced{{{ALL}}})", (("red", None), ("green", 1))),
        stat("Oldest news", "Time since the last word of the most silent watch; bookmarks come each minute.", "s",
             f"max(reflector_watch_last_event_age_seconds{{{ALL}}})", (("green", None), ("orange", 120), ("red", 300))),
    ]


def reconciling():
    return [
        row("Reconciling"),
        graph("Reconciliations", "A second by result.", "ops",
              [query(f"sum by (controller, result) (rate(controller_runtime_reconcile_total{{{RECONCILERS}}}[$__rate_interval]))",
                     "{{controller}} {{result}}")], 12, stacked=True),
        graph("Errors", "Failed reconciliations a second; panics and terminal errors are not tried again.", "ops",
              [query(f"sum by (controller) (rate(controller_runtime_reconcile_errors_total{{{RECONCILERS}}}[$__rate_interval]))", "{{controller}}"),
               query(f"sum(rate(controller_runtime_terminal_reconcile_errors_total{{{RECONCILERS}}}[$__rate_interval]))", "terminal"),
               query(f"sum(rate(controller_runtime_reconcile_panics_total{{{RECONCILERS}}}[$__rate_interval]))", "panics")], 12),
        graph("Time of a reconciliation", "Quantiles.", "s", quantiles("controller_runtime_reconcile_time_seconds", RECONCILERS), 12),
        graph("Workers", "At work, of those there are.", "short",
              [query(f"sum by (controller) (controller_runtime_active_workers{{{RECONCILERS}}})", "{{controller}} at work"),
               query(f"sum by (controller) (controller_runtime_max_concurrent_reconciles{{{RECONCILERS}}})", "{{controller}} all")], 12),
    ]


def queues():
    return [
        row("Work queue"),
        graph("Depth", "Keys that are ready and wait for a worker.", "short",
              [query(f"sum by (name) (workqueue_depth{{{QUEUES}}})", "{{name}}")], 12),
        graph("Time in the queue", "Quantiles.", "s", quantiles("workqueue_queue_duration_seconds", QUEUES), 12),
        graph("Added and tried again", "Keys a second.", "ops",
              [query(f"sum by (name) (rate(workqueue_adds_total{{{QUEUES}}}[$__rate_interval]))", "{{name}} added"),
               query(f"sum by (name) (rate(workqueue_retries_total{{{QUEUES}}}[$__rate_interval]))", "{{name}} tried again")], 12),
        graph("Longest running", "Time that the longest running reconciliation has taken so far.", "s",
              [query(f"max by (name) (workqueue_longest_running_processor_seconds{{{QUEUES}}})", "{{name}}")], 12),
    ]


def api():
    return [
        row("API server"),
        graph("Requests", "A second by method and code, without watches.", "reqps",
              [query(f"sum by (method, code) (rate(rest_client_requests_total{{{ALL}}}[$__rate_interval]))", "{{method}} {{code}}")], 12, stacked=True),
        graph("Time of a request", "Quantiles.", "s", quantiles("rest_client_request_duration_seconds", ALL), 12),
        graph("Watches", "Events a second by resource.", "short",
              [query(f"sum by (resource) (rate(reflector_events_total{{{ALL}}}[$__rate_interval]))", "{{resource}}")], 12, stacked=True),
        graph("Watch trouble", "An hour: lists read anew, watches refused or broken, watches given up after two silent minutes.", "short",
              [query(f"sum(rate(reflector_lists_total{{{ALL}}}[$__rate_interval])) * 3600", "lists"),
               query(f"sum(rate(reflector_watch_errors_total{{{ALL}}}[$__rate_interval])) * 3600", "errors"),
               query(f"sum(rate(reflector_silent_watches_total{{{ALL}}}[$__rate_interval])) * 3600", "silent")], 12),
        graph("Events", "Event objects a minute that were sent, and that were dropped at a bound.", "short",
              [query(f"sum(rate(kube_events_sent_total{{{ALL}}}[$__rate_interval])) * 60", "sent"),
               query(f"sum(rate(kube_events_dropped_total{{{ALL}}}[$__rate_interval])) * 60", "dropped")], 12),
        graph("Leadership", "1 for the controller that leads.", "short",
              [query(f"max by (instance) (leader_election_master_status{{{ALL}}})", "{{instance}}")], 12),
    ]


def make():
    variables = [
        source_variable(),
        variable("job", "Job", 'label_values(controller_runtime_max_concurrent_reconciles{controller="liveroom"}, job)'),
        variable("instance", "Instance", 'label_values(controller_runtime_max_concurrent_reconciles{controller="liveroom", job=~"$job"}, instance)'),
        variable("controller", "Controller", 'label_values(controller_runtime_max_concurrent_reconciles{job=~"$job", controller=~"liveroom|namespace"}, controller)'),
    ]
    return dashboard("liveroom-controller", "Liveroom / Controller", "Queue, reconciliations, API client, watches, leadership.", variables,
                     [link("Rooms", "liveroom-rooms")], now() + reconciling() + queues() + api())
