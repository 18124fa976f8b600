# SPDX-License-Identifier: Apache-2.0
"""The dashboard of the rooms. It has to stay readable with 1,000 of them: sums, the worst ten, and one table; single rooms by the variable."""
from panels import dashboard, graph, link, panel, query, row, source_variable, stat, variable

# Series of recorders, and those that the controller has of LiveRooms.
ROOM = 'job=~"$job", instance=~"$instance", namespace=~"$namespace", liveroom=~"$liveroom"'
STATE = ROOM
GOOD_ZERO = (("green", None), ("red", 1))


def condition(name, status, more=""):
    return f'kube_liveroom_status_condition{{{STATE}, condition="{name}", status="{status}"{more}}}'


def count(selector):
    return f"count({selector}) or vector(0)"


NOT_WANTED = "Filtered|OutsideWindow|Draining|RoomEncrypted|RoomHidden|RoomLocked"
NOT_RECORDED = (f"(liveroom_live{{{ROOM}}} == 1 and liveroom_recording{{{ROOM}}} == 0) unless on (namespace, liveroom) "
                f'kube_liveroom_status_condition{{{STATE}, condition="Recording", reason=~"{NOT_WANTED}"}}')


def overview():
    return [
        row("Now"),
        stat("LiveRooms", "Objects of kind LiveRoom.", "short", count(f"kube_liveroom_info{{{STATE}}}")),
        stat("Live", "Rooms that are live.", "short", f"sum(liveroom_live{{{ROOM}}}) or vector(0)"),
        stat("Recording", "Rooms for which a file is being written.", "short", f"sum(liveroom_recording{{{ROOM}}}) or vector(0)"),
        stat("Live, not recorded", "Live rooms for which no file is being written although nothing in their spec says so.", "short",
             count(NOT_RECORDED), GOOD_ZERO),
        stat("Not ready", "LiveRooms whose next show would not be recorded; suspended ones do not count.", "short",
             count(condition("Ready", "false", ', reason!="Suspended"')), GOOD_ZERO),
        stat("Lost in this time", "Media seconds that no file has, in the time range of the dashboard.", "s",
             f"sum(increase(liveroom_lost_seconds_total{{{ROOM}}}[$__range])) or vector(0)", (("green", None), ("orange", 1), ("red", 60))),
    ]


def table():
    def cell(expression):
        return query(f"max by (namespace, liveroom) ({expression})", instant=True, table=True)

    def column(name, unit, **more):
        properties = [{"id": "unit", "value": unit}] + [{"id": key, "value": value} for key, value in more.items()]
        return {"matcher": {"id": "byName", "options": name}, "properties": properties}

    yes_no = [{"type": "value", "options": {"0": {"text": "no", "index": 0}, "1": {"text": "yes", "color": "green", "index": 1}}}]
    names = {"title": "Title", "Value #A": "Live", "Value #B": "Recording", "Value #C": "Danmaku", "Value #D": "Received", "Value #E": "Lost in 1 h",
             "namespace": "Namespace", "liveroom": "LiveRoom"}
    return panel(
        "table", "Rooms", "One line a room, those that are live first. A click on the name shows this room alone.", "none",
        [cell(f"liveroom_live{{{ROOM}}}"), cell(f"liveroom_recording{{{ROOM}}}"), cell(f"liveroom_danmaku_connected{{{ROOM}}}"),
         cell(f"rate(liveroom_received_bytes_total{{{ROOM}}}[$__rate_interval]) * 8"),
         query(f"sum by (namespace, liveroom) (increase(liveroom_lost_seconds_total{{{ROOM}}}[1h]))", instant=True, table=True),
         query(f"max by (namespace, liveroom, title) (liveroom_room_info{{{ROOM}}})", instant=True, table=True)],
        24, 10,
        transformations=[{"id": "merge", "options": {}},
                         {"id": "organize", "options": {"excludeByName": {"Time": True, "Value #F": True}, "renameByName": names,
                                                        "indexByName": {"namespace": 0, "liveroom": 1, "title": 2}}}],
        overrides=[column("Live", "none", mappings=yes_no), column("Recording", "none", mappings=yes_no),
                   column("Danmaku", "none", mappings=yes_no), column("Received", "bps"), column("Lost in 1 h", "s"),
                   {"matcher": {"id": "byName", "options": "LiveRoom"},
                    "properties": [{"id": "links", "value": [{"title": "This room alone", "url":
                        "/d/liveroom-rooms?${datasource:queryparam}&var-namespace=${__data.fields.Namespace}&var-liveroom=${__value.raw}&${__url_time_range}"}]}]}],
        field={"custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}},
        options={"frameIndex": 0, "showHeader": True, "cellHeight": "sm", "footer": {"show": False, "enablePagination": True, "reducer": ["sum"], "fields": ""},
                 "sortBy": [{"displayName": "Live", "desc": True}]},
    )


def shows():
    buckets = f"sum by (le) (rate(liveroom_start_delay_seconds_bucket{{{ROOM}}}[$__range]))"
    return [
        row("Shows"),
        graph("Rooms", "How many are live, recorded, and listened to.", "short",
              [query(f"sum(liveroom_live{{{ROOM}}})", "live"), query(f"sum(liveroom_recording{{{ROOM}}})", "recording"),
               query(f"sum(liveroom_danmaku_connected{{{ROOM}}})", "danmaku socket open")], 12),
        stat("Shows begun", "Recordings begun in the time range of the dashboard.", "short",
             f"sum(increase(liveroom_start_delay_seconds_count{{{ROOM}}}[$__range])) or vector(0)"),
        stat("Delay at the start, median", "From noticing that a room is live to the first media byte.", "s",
             f"histogram_quantile(0.5, {buckets})"),
        stat("Delay at the start, worst of a hundred", "99th percentile of the same.", "s", f"histogram_quantile(0.99, {buckets})",
             (("green", None), ("orange", 3), ("red", 30))),
        graph("Lost media", "Media seconds a minute that no file has, by cause. Anything but zero is worth a look at the room.", "s",
              [query(f"sum by (cause) (rate(liveroom_lost_seconds_total{{{ROOM}}}[$__rate_interval])) * 60", "{{cause}}")], 12, stacked=True),
        graph("Media connections that ended", "Connections an hour by how they ended; finished is the end of a show.", "short",
              [query(f"sum by (end) (rate(liveroom_connections_total{{{ROOM}}}[$__rate_interval])) * 3600", "{{end}}")], 12, stacked=True),
        graph("Recorded media a second", "1 for each room that is recorded in full; below that, media is missing or late. The ten slowest.", "short",
              [query(f"bottomk(10, (rate(liveroom_recorded_seconds_total{{{ROOM}}}[$__rate_interval]) and liveroom_recording{{{ROOM}}} == 1) "
                     f"or 0 * liveroom_recording{{{ROOM}}})", "{{namespace}}/{{liveroom}}")], 12),
        graph("Quality", "Recorded rooms by the quality that is granted (10000 is original), and those that get less than they want.", "short",
              [query(f'count_values("quality", liveroom_quality_granted{{{ROOM}}} and liveroom_recording{{{ROOM}}} == 1) or vector(0)', "{{quality}}"),
               query(f"count(liveroom_quality_granted{{{ROOM}}} > 0 and liveroom_quality_granted{{{ROOM}}} < liveroom_quality_wanted{{{ROOM}}}) or vector(0)",
                     "less than wanted")], 12),
        graph("What the repair noticed", "Findings a minute by kind; docs/flv-repair.md says what each one is.", "short",
              [query(f"sum by (kind) (rate(liveroom_findings_total{{{ROOM}}}[$__rate_interval])) * 60", "{{kind}}")], 12, stacked=True),
    ]


def traffic():
    return [
        row("Traffic and storage"),
        graph("Received", "Media from the network, all rooms together, and the ten largest.", "bps",
              [query(f"sum(rate(liveroom_received_bytes_total{{{ROOM}}}[$__rate_interval])) * 8", "all"),
               query(f"topk(10, sum by (namespace, liveroom) (rate(liveroom_received_bytes_total{{{ROOM}}}[$__rate_interval])) * 8)",
                     "{{namespace}}/{{liveroom}}")], 12),
        graph("Written", "Bytes written to recordings.", "Bps",
              [query(f"sum(rate(liveroom_recorded_bytes_total{{{ROOM}}}[$__rate_interval]))", "all")], 12),
        graph("Waiting in buffers", "The fullest of each named buffer. Each has a bound; a disk buffer that stays full means a slow volume.", "bytes",
              [query(f"max by (buffer) (liveroom_buffer_bytes{{{ROOM}}})", "{{buffer}}")], 8),
        graph("Volumes that can't be written", "Recorders whose directory is full, refused or in use.", "short",
              [query(f"sum(1 - liveroom_storage_writable{{{ROOM}}})", "not writable")], 8),
        graph("Least free space", "The ten fullest volumes, as their recorders saw them last; looked at each 10 s of a recording.", "bytes",
              [query(f"bottomk(10, max by (namespace, liveroom) (liveroom_storage_free_bytes{{{ROOM}}}) > 0)", "{{namespace}}/{{liveroom}}")], 8),
    ]


def site():
    return [
        row("Bilibili"),
        graph("Calls of the API", "Calls a second by result; refusals show as anything but ok.", "reqps",
              [query(f"sum by (result) (rate(liveroom_api_requests_total{{{ROOM}}}[$__rate_interval]))", "{{result}}")], 12, stacked=True),
        graph("Rooms with refused calls", "Rooms whose calls Bilibili refuses and that pause.", "short",
              [query(f"sum(liveroom_throttled{{{ROOM}}})", "throttled")], 12),
        graph("Danmaku", "Messages a second by kind.", "short",
              [query(f"sum by (kind) (rate(liveroom_danmaku_messages_total{{{ROOM}}}[$__rate_interval]))", "{{kind}}")], 12, stacked=True),
        graph("Danmaku that are lost", "Seconds a minute without an open socket, and messages a minute that a chat file lacks, by reason.", "short",
              [query(f"sum(rate(liveroom_danmaku_gap_seconds_total{{{ROOM}}}[$__rate_interval])) * 60", "seconds without socket"),
               query(f"sum by (reason) (rate(liveroom_danmaku_dropped_total{{{ROOM}}}[$__rate_interval])) * 60", "{{reason}}")], 12),
        graph("Accounts", "Recorders that Bilibili knows by a cookie; the others record as guests.", "short",
              [query(f"sum(liveroom_authenticated{{{ROOM}}})", "by cookie"), query(f"count(liveroom_authenticated{{{ROOM}}} == 0) or vector(0)", "guests")], 12),
        graph("Danmaku frames that could not be read", "A second, all rooms together; more than now and then means that the protocol has changed.", "short",
              [query(f"sum(rate(liveroom_danmaku_damaged_frames_total{{{ROOM}}}[$__rate_interval]))", "damaged")], 12),
    ]


def reports():
    return [
        row("Recorders"),
        graph("Status writes", "Writes of LiveRoom status a second by result. Recorders go on without them.", "wps",
              [query(f"sum by (result) (rate(liveroom_status_writes_total{{{ROOM}}}[$__rate_interval]))", "{{result}}")], 12, stacked=True),
        graph("Versions", "Recorders by version: an update reaches a room when it is idle.", "short",
              [query(f"count by (version) (liveroom_build_info{{{ROOM}}})", "{{version}}")], 12, stacked=True),
    ]


def make():
    variables = [
        source_variable(),
        variable("job", "Job", 'label_values({__name__=~"kube_liveroom_info|liveroom_live"}, job)'),
        variable("instance", "Instance", 'label_values({__name__=~"kube_liveroom_info|liveroom_live", job=~"$job"}, instance)', hide=2),
        variable("namespace", "Namespace", 'label_values(kube_liveroom_info{job=~"$job"}, namespace)'),
        variable("liveroom", "LiveRoom", 'label_values(kube_liveroom_info{job=~"$job", namespace=~"$namespace"}, liveroom)'),
    ]
    panels = overview() + [table()] + shows() + traffic() + site() + reports()
    return dashboard("liveroom-rooms", "Liveroom / Rooms", "What is live, what is recorded, what is lost.", variables,
                     [link("Controller", "liveroom-controller")], panels)
