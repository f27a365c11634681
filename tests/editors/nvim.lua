-- Runs the linter of the documentation on each file as nvim-lint does, and writes its diagnostics and what they stand on, one a line.
local lint = { linters = {}, linters_by_ft = {}, try_lint = function() end }
package.preload.lint = function() return lint end
local scratch = vim.env.SCRATCH
dofile(scratch .. '/nvim.lua')

local linter, found = lint.linters.kubeshoal, {}
local kinds = { 'error', 'warning', 'note' }
for _, path in ipairs(vim.fn.systemlist({ 'git', '-c', 'core.quotePath=false', 'ls-files', '--others', '*.yaml' })) do
  vim.cmd('edit ' .. vim.fn.fnameescape(path))
  local command = vim.tbl_map(function(word) return type(word) == 'function' and word() or word end, linter.args)
  table.insert(command, 1, linter.cmd)
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, true)
  for _, diagnostic in ipairs(linter.parser(vim.fn.system(command, table.concat(lines, '\n') .. '\n'), 0)) do
    local line = lines[diagnostic.lnum + 1]
    table.insert(found, vim.json.encode({
      path = path, line = diagnostic.lnum + 1, kind = kinds[diagnostic.severity], at = line:sub(diagnostic.col + 1),
      text = diagnostic.message .. ' [' .. diagnostic.code .. ']',
    }))
  end
end
vim.fn.writefile(found, scratch .. '/nvim.jsonl')
vim.cmd('quitall!')
