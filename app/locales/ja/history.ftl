# history
history-kind = 種類
