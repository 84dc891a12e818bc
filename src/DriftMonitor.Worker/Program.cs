Console.WriteLine("driftmonitor");
