// SPDX-License-Identifier: Apache-2.0
// Every name that both programs, the chart and the cluster share. Pure.
#pragma once
#include <string>
#include <string_view>

namespace live::liveroom {

inline constexpr std::string_view api_group = "liveroom.dev";
inline constexpr std::string_view api_version = "v1alpha1";
inline constexpr std::string_view group_version = "liveroom.dev/v1alpha1";
inline constexpr std::string_view kind = "LiveRoom";
inline constexpr std::string_view plural = "liverooms";

// A LiveRoom's name has at most so many characters (CRD), so that what is derived from it stays a label
// value and a host name.
inline constexpr std::size_t max_name_length = 52;

std::string pod_name(std::string_view live_room);    // <liveroom>-recorder
std::string claim_name(std::string_view live_room);  // <liveroom>-recordings

// One of each in every namespace that has LiveRooms. The account's name is also that of its RoleBinding and
// of the role that the binding refers to (ClusterRole; Role where the chart makes them per namespace).
inline constexpr std::string_view recorder_account = "liveroom-recorder";
inline constexpr std::string_view disruption_budget = "liveroom-recording";
inline constexpr std::string_view container_name = "recorder";

namespace field_manager {
inline constexpr std::string_view controller = "liveroom-controller";
inline constexpr std::string_view recorder = "liveroom-recorder";
}  // namespace field_manager

namespace label {
inline constexpr std::string_view name = "app.kubernetes.io/name";
inline constexpr std::string_view managed_by = "app.kubernetes.io/managed-by";
inline constexpr std::string_view component = "app.kubernetes.io/component";
inline constexpr std::string_view room = "liveroom.dev/room";            // value: the LiveRoom's name
inline constexpr std::string_view recording = "liveroom.dev/recording";  // "true" while it records

inline constexpr std::string_view name_value = "liveroom";
inline constexpr std::string_view managed_by_value = "liveroom-controller";
inline constexpr std::string_view recorder_component = "recorder";      // pods
inline constexpr std::string_view recordings_component = "recordings";  // claims
}  // namespace label

namespace annotation {
// The recorder's configuration (recorder_config.hpp); the pod sees it as a file.
inline constexpr std::string_view config = "liveroom.dev/config";
// Hash of what needs a new pod when it changes; no versions in it.
inline constexpr std::string_view template_hash = "liveroom.dev/template-hash";
inline constexpr std::string_view safe_to_evict = "cluster-autoscaler.kubernetes.io/safe-to-evict";
inline constexpr std::string_view do_not_disrupt = "karpenter.sh/do-not-disrupt";
}  // namespace annotation

// Where a recorder pod finds what the controller gives it.
namespace path {
inline constexpr std::string_view recorder_program = "/usr/bin/liveroom-recorder";
inline constexpr std::string_view config_directory = "/etc/liveroom";
inline constexpr std::string_view config_file = "/etc/liveroom/config.json";
inline constexpr std::string_view cookie_directory = "/etc/liveroom-credentials";  // Secret, optional
inline constexpr std::string_view cookie_file = "/etc/liveroom-credentials/cookie";
inline constexpr std::string_view notification_directory = "/etc/liveroom-notifications";  // NAME/<key>
inline constexpr std::string_view recordings = "/recordings";  // root of the volume
inline constexpr std::string_view service_account = "/var/run/secrets/kubernetes.io/serviceaccount";
}  // namespace path

// Environment of the recorder's container beside its options (which are LIVEROOM_<OPTION>).
namespace env {
inline constexpr std::string_view live_room = "LIVEROOM_NAME";
inline constexpr std::string_view name_space = "LIVEROOM_NAMESPACE";
inline constexpr std::string_view pod_name = "LIVEROOM_POD_NAME";
inline constexpr std::string_view pod_uid = "LIVEROOM_POD_UID";
inline constexpr std::string_view output = "LIVEROOM_OUTPUT";            // option --output: /recordings
inline constexpr std::string_view listen = "LIVEROOM_LISTEN";            // option --listen: 0.0.0.0:8080
inline constexpr std::string_view cookie_file = "LIVEROOM_COOKIE_FILE";  // option --cookie-file
}  // namespace env

// The recorder's HTTP server.
inline constexpr int http_port = 8080;
namespace http {
inline constexpr std::string_view liveness = "/healthz";  // the event loop turned within 10 s
inline constexpr std::string_view readiness = "/readyz";  // configuration read
inline constexpr std::string_view metrics = "/metrics";
}  // namespace http

// Reasons of conditions. The recorder's first, then the controller's.
namespace reason {
// any condition of the recorder before it knows, and what the controller writes when there is no recorder
inline constexpr std::string_view pending = "Pending";
inline constexpr std::string_view recorder_absent = "RecorderAbsent";
// RoomFound
inline constexpr std::string_view found = "Found";
inline constexpr std::string_view not_found = "NotFound";
// Live
inline constexpr std::string_view live = "Live";
inline constexpr std::string_view offline = "Offline";
inline constexpr std::string_view rotation = "Rotation";  // replays in turn: not live
inline constexpr std::string_view unreachable = "Unreachable";
// Recording
inline constexpr std::string_view recording = "Recording";
inline constexpr std::string_view not_live = "NotLive";
inline constexpr std::string_view connecting = "Connecting";
inline constexpr std::string_view filtered = "Filtered";
inline constexpr std::string_view outside_window = "OutsideWindow";
inline constexpr std::string_view retries_exhausted = "RetriesExhausted";
inline constexpr std::string_view no_stream = "NoStream";  // no wanted quality, format or codec
inline constexpr std::string_view room_locked = "RoomLocked";
inline constexpr std::string_view room_hidden = "RoomHidden";
inline constexpr std::string_view room_encrypted = "RoomEncrypted";
inline constexpr std::string_view storage_not_writable = "StorageNotWritable";
inline constexpr std::string_view draining = "Draining";
inline constexpr std::string_view stopping = "Stopping";
// DanmakuConnected
inline constexpr std::string_view connected = "Connected";
inline constexpr std::string_view disconnected = "Disconnected";
// Authenticated
inline constexpr std::string_view guest = "Guest";
inline constexpr std::string_view cookie_valid = "CookieValid";
inline constexpr std::string_view cookie_invalid = "CookieInvalid";
inline constexpr std::string_view secret_missing = "SecretMissing";
// StorageWritable
inline constexpr std::string_view writable = "Writable";
inline constexpr std::string_view directory_in_use = "DirectoryInUse";
inline constexpr std::string_view disk_full = "DiskFull";
inline constexpr std::string_view write_failed = "WriteFailed";
// Throttled
inline constexpr std::string_view not_throttled = "NotThrottled";
inline constexpr std::string_view rate_limited = "RateLimited";

// Ready
inline constexpr std::string_view ready = "Ready";
inline constexpr std::string_view suspended = "Suspended";
inline constexpr std::string_view storage_not_ready = "StorageNotReady";
inline constexpr std::string_view pod_pending = "PodPending";
inline constexpr std::string_view pod_not_ready = "PodNotReady";
inline constexpr std::string_view pod_terminating = "PodTerminating";
inline constexpr std::string_view pod_ended = "PodEnded";
inline constexpr std::string_view unschedulable = "Unschedulable";
inline constexpr std::string_view image_pull_failed = "ImagePullFailed";
inline constexpr std::string_view crash_loop = "CrashLoop";
inline constexpr std::string_view node_lost = "NodeLost";
inline constexpr std::string_view name_conflict = "NameConflict";
inline constexpr std::string_view duplicate_room = "DuplicateRoom";
inline constexpr std::string_view refused = "Refused";  // the API server refused a write: its words follow
inline constexpr std::string_view quota_exceeded = "QuotaExceeded";
inline constexpr std::string_view namespace_terminating = "NamespaceTerminating";
inline constexpr std::string_view invalid_spec = "InvalidSpec";
inline constexpr std::string_view room_not_found = "RoomNotFound";
// StorageReady
inline constexpr std::string_view bound = "Bound";
inline constexpr std::string_view claim_pending = "ClaimPending";
inline constexpr std::string_view claim_missing = "ClaimMissing";
inline constexpr std::string_view claim_lost = "ClaimLost";
inline constexpr std::string_view claim_terminating = "ClaimTerminating";
inline constexpr std::string_view claim_conflict = "ClaimConflict";
inline constexpr std::string_view resizing = "Resizing";
inline constexpr std::string_view resize_refused = "ResizeRefused";
// UpToDate
inline constexpr std::string_view up_to_date = "UpToDate";
inline constexpr std::string_view template_changed = "TemplateChanged";
inline constexpr std::string_view image_changed = "ImageChanged";
inline constexpr std::string_view waiting_for_idle = "WaitingForIdle";
inline constexpr std::string_view replacing = "Replacing";
inline constexpr std::string_view no_pod = "NoPod";
// Suspended
inline constexpr std::string_view not_suspended = "NotSuspended";
}  // namespace reason

}  // namespace live::liveroom
