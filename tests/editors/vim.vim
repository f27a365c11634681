" Runs the compiler plugin, goes to each entry of the quickfix list, and writes what it holds and what the cursor stands on, an entry a line.
set runtimepath^=$SCRATCH/vim
compiler kubeshoal
silent make!
let s:kinds = {'e': 'error', 'w': 'warning', 'n': 'note'}
let s:entries = []
for s:number in range(1, len(getqflist()))
    let s:entry = getqflist()[s:number - 1]
    if !s:entry.valid
        call add(s:entries, json_encode({'unread': s:entry.text}))
        continue
    endif
    execute 'silent cc!' s:number
    call add(s:entries, json_encode({
        \ 'path': expand('%'), 'line': s:entry.lnum, 'kind': get(s:kinds, s:entry.type, s:entry.type), 'text': s:entry.text,
        \ 'at': strpart(getline('.'), col('.') - 1)}))
endfor
call writefile(s:entries, $SCRATCH . '/vim.jsonl')
quitall!
