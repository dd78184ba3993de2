#include "script_api.h"

/* Each a line, by name. */
extern const luaL_Reg budget_methods[];
extern const luaL_Reg connection_methods[];
extern const luaL_Reg expect_functions[];
extern const luaL_Reg fault_functions[];
extern const luaL_Reg firewall_functions[];
extern const luaL_Reg firewall_methods[];
extern const luaL_Reg host_methods[];
extern const luaL_Reg link_functions[];
extern const luaL_Reg link_methods[];
extern const luaL_Reg listener_methods[];
extern const luaL_Reg nat_functions[];
extern const luaL_Reg nat_methods[];
extern const luaL_Reg on_functions[];
extern const luaL_Reg os_functions[];
extern const luaL_Reg partition_functions[];
extern const luaL_Reg program_methods[];
extern const luaL_Reg proxy_functions[];
extern const luaL_Reg proxy_methods[];
extern const luaL_Reg raw_methods[];
extern const luaL_Reg replay_functions[];
extern const luaL_Reg results_functions[];
extern const luaL_Reg results_methods[];
extern const luaL_Reg router_methods[];
extern const luaL_Reg scan_methods[];
extern const luaL_Reg scenario_functions[];
extern const luaL_Reg switch_methods[];
extern const luaL_Reg time_functions[];
extern const luaL_Reg world_functions[];

extern const SpecKey back_keys[];
extern const SpecKey bulk_keys[];
extern const SpecKey capture_keys[];
extern const SpecKey churn_keys[];
extern const SpecKey codel_keys[];
extern const SpecKey connect_keys[];
extern const SpecKey corrupt_keys[];
extern const SpecKey delay_keys[];
extern const SpecKey down_keys[];
extern const SpecKey drop_keys[];
extern const SpecKey duplicate_keys[];
extern const SpecKey end_keys[];
extern const SpecKey fifo_keys[];
extern const SpecKey fq_codel_keys[];
extern const SpecKey firewall_keys[];
extern const SpecKey held_keys[];
extern const SpecKey host_firewall_keys[];
extern const SpecKey host_keys[];
extern const SpecKey icmp_keys[];
extern const SpecKey inject_keys[];
extern const SpecKey link_keys[];
extern const SpecKey nat_keys[];
extern const SpecKey netem_change_keys[];
extern const SpecKey netem_delay_keys[];
extern const SpecKey netem_keys[];
extern const SpecKey netem_loss_keys[];
extern const SpecKey netem_reorder_keys[];
extern const SpecKey netem_slot_keys[];
extern const SpecKey nic_change_keys[];
extern const SpecKey nic_keys[];
extern const SpecKey packet_hook_keys[];
extern const SpecKey partition_keys[];
extern const SpecKey piece_keys[];
extern const SpecKey play_keys[];
extern const SpecKey proxy_keys[];
extern const SpecKey raw_keys[];
extern const SpecKey red_keys[];
extern const SpecKey reorder_keys[];
extern const SpecKey replay_keys[];
extern const SpecKey request_keys[];
extern const SpecKey reset_keys[];
extern const SpecKey respond_keys[];
extern const SpecKey rewrite_keys[];
extern const SpecKey route_keys[];
extern const SpecKey router_keys[];
extern const SpecKey rule_keys[];
extern const SpecKey scan_keys[];
extern const SpecKey send_keys[];
extern const SpecKey sink_keys[];
extern const SpecKey state_hook_keys[];
extern const SpecKey time_keys[];
extern const SpecKey timeout_keys[];
extern const SpecKey truncate_keys[];
extern const SpecKey up_keys[];
extern const SpecKey want_keys[];

const ScriptFunctions script_functions[] = {
  { "", firewall_functions },
  { "Firewall:", firewall_methods },
  { "Scan:", scan_methods },
  { "", nat_functions },
  { "Nat:", nat_methods },
  { "", proxy_functions },
  { "Proxy:", proxy_methods },
  { "", world_functions },
  { "", link_functions },
  { "", partition_functions },
  { "", fault_functions },
  { "", replay_functions },
  { "", time_functions },
  { "", scenario_functions },
  { "", results_functions },
  { "on.", on_functions },
  { "expect.", expect_functions },
  { "Os.", os_functions },
  { "Host:", host_methods },
  { "Router:", router_methods },
  { "Switch:", switch_methods },
  { "Link:", link_methods },
  { "Listener:", listener_methods },
  { "Connection:", connection_methods },
  { "Raw:", raw_methods },
  { "Results:", results_methods },
  { "Program:", program_methods },
  { "Budget:", budget_methods },
  { NULL, NULL },
};

const ScriptKeys script_keys[] = {
  { "FirewallSpec", firewall_keys, false },
  { "HostFirewallSpec", host_firewall_keys, false },
  { "RuleSpec", rule_keys, false },
  { "TimeoutSpec", timeout_keys, false },
  { "ScanSpec", scan_keys, false },
  { "NatSpec", nat_keys, false },
  { "ProxySpec", proxy_keys, true },
  { "Knobs", NULL, true },
  { "NicSpec", nic_keys, false },
  { "HostSpec", host_keys, true },
  { "RouterSpec", router_keys, false },
  { "RouteSpec", route_keys, false },
  { "LinkSpec", link_keys, false },
  { "BackSpec", back_keys, false },
  { "NetemSpec", netem_keys, false },
  { "NetemChangeSpec", netem_change_keys, false },
  { "NetemDelay", netem_delay_keys, false },
  { "NetemLoss", netem_loss_keys, false },
  { "NetemReorder", netem_reorder_keys, false },
  { "NetemSlot", netem_slot_keys, false },
  { "FifoSpec", fifo_keys, false },
  { "RedSpec", red_keys, false },
  { "CodelSpec", codel_keys, false },
  { "FqCodelSpec", fq_codel_keys, false },
  { "DownSpec", down_keys, false },
  { "UpSpec", up_keys, false },
  { "PartitionSpec", partition_keys, false },
  { "NicChangeSpec", nic_change_keys, false },
  { "DropSpec", drop_keys, false },
  { "DelaySpec", delay_keys, false },
  { "DuplicateSpec", duplicate_keys, false },
  { "CorruptSpec", corrupt_keys, false },
  { "ReorderSpec", reorder_keys, false },
  { "ReplaySpec", replay_keys, false },
  { "RewriteSpec", rewrite_keys, false },
  { "TruncateSpec", truncate_keys, false },
  { "ResetSpec", reset_keys, false },
  { "ConnectSpec", connect_keys, true },
  { "RawSpec", raw_keys, false },
  { "SendSpec", send_keys, false },
  { "InjectSpec", inject_keys, false },
  { "PacketScriptSpec", play_keys, false },
  { "IcmpSpec", icmp_keys, false },
  { "CaptureSpec", capture_keys, false },
  { "FragmentSpec", piece_keys, false },
  { "EndSpec", end_keys, false },
  { "TimeSpec", time_keys, false },
  { "PacketSpec", want_keys, false },
  { "PacketHookSpec", packet_hook_keys, false },
  { "StateHookSpec", state_hook_keys, false },
  { "BulkSpec", bulk_keys, false },
  { "SinkSpec", sink_keys, false },
  { "RequestSpec", request_keys, false },
  { "RespondSpec", respond_keys, false },
  { "ChurnSpec", churn_keys, false },
  { "HeldSpec", held_keys, false },
  { NULL, NULL, false },
};
