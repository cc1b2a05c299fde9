# history
history-kind = Kind
