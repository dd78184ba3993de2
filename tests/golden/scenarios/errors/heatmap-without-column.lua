-- A heat map of a column that the table has not got.
local answers = results("answers.tsv", { "state", "flags", "outcome" })
answers:heatmap { x = "flags", y = "state", value = "result" }
