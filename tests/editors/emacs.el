;; Runs the command `kubeshoal' of the documentation, and `M-x compile' with no more than `kubeshoal check', goes to each error as a user does, and
;; writes where point gets, an error a line.
(require 'compile)
(require 'json)
(defvar scratch (getenv "SCRATCH"))
(load (concat scratch "/emacs.el"))

(defun written (name found)
  (with-temp-buffer
    (setq-local coding-system-for-write 'utf-8-unix)
    (dolist (entry found) (insert (json-encode entry) "\n"))
    (write-region (point-min) (point-max) (concat scratch "/" name ".jsonl"))))

;; What the message that begins on this line leads to, as an entry, or nil.
(defun visited (folder)
  (let ((message (get-text-property (point) 'compilation-message)))
    (when message
      (save-window-excursion
        (save-excursion
          (compile-goto-error)
          (list (cons 'path (file-relative-name buffer-file-name folder))
                (cons 'line (line-number-at-pos))
                (cons 'kind (nth (compilation--message->type message) '("note" "warning" "error")))
                (cons 'at (buffer-substring-no-properties (point) (line-end-position)))))))))

(defun checked (name buffer)
  (let ((folder default-directory) found)
    (while (process-live-p (get-buffer-process buffer)) (accept-process-output nil 0.1))
    (with-current-buffer buffer
      (compilation--ensure-parse (point-max))
      (goto-char (point-min))
      (while (not (eobp))
        (let ((entry (visited folder))) (when entry (push entry found)))
        (forward-line)))
    (written name (nreverse found))))

(checked "emacs" (kubeshoal))
;; What Emacs says of itself when it isn't run in batch mode.
(setenv "TERM" "dumb")
(checked "emacs-compile" (compile "kubeshoal check"))
